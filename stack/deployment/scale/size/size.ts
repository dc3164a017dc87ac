import { documented, measured } from "./measured.ts";

/** What the pipeline is to carry. */
export interface Load {
  readonly requestsPerSecond: number;
  /** Of 100 requests, those with retrieval. */
  readonly retrievalPercent: number;
  /** Tokens of an answer, and how long one takes: a trace waits for its root as long as its request runs. */
  readonly tokens: number;
  readonly millisecondsPerToken: number;
  /** Of 100 ordinary traces, those that are kept; and of all, those that are no ordinary ones. */
  readonly sharePercent: number;
  readonly anomalyPercent: number;
  readonly retentionDays: number;
}

/** One figure with how it came about. */
export interface SizeLine {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly formula: string;
  readonly source: string;
}

/** How many of each part, besides the figures. Names are those of the Helm chart's values. */
export interface Replicas {
  readonly distributor: number;
  readonly liveStore: number;
  readonly blockBuilder: number;
  readonly querier: number;
  readonly queryFrontend: number;
  readonly backendWorker: number;
  readonly partitions: number;
  readonly gateways: number;
}

export interface Size {
  readonly lines: readonly SizeLine[];
  readonly replicas: Replicas;
}

const here = "measured here";
const tempo = "Tempo's documentation, Size the cluster";
const own = "a rule of this project";
const decisionSeconds = 5;
const daysPerMonth = 30;
const secondsPerDay = 86_400;
/** Above it nothing is left for a part that is down, or for a busy minute. */
const usablePart = 0.5;
const gatewayMegabytes = 1_536;

/** What a load needs, each figure with its formula and where its numbers are from. */
export function computeSize(load: Load): Size {
  const flow = computeFlow(load);
  const kept = computeKept(load, flow);
  const parts = computePartSizes(kept.megabytesPerSecond);
  const gateways = computeGateways(load, flow.spansPerSecond, flow.spansPerRequest);
  const { partitions, ...replicas } = parts.replicas;
  return {
    lines: [...flow.lines, ...gateways.lines, ...kept.lines, ...parts.lines],
    replicas: { ...replicas, partitions, gateways: gateways.count },
  };
}

function computeFlow({ requestsPerSecond, retrievalPercent }: Load) {
  const { spansPerRequest: plain, spansPerRequestWithRetrieval: retrieving } = measured;
  const spansPerRequest = plain + ((retrieving - plain) * retrievalPercent) / 100;
  const spansPerSecond = requestsPerSecond * spansPerRequest;
  return {
    spansPerRequest,
    spansPerSecond,
    lines: [
      line("spans a request", spansPerRequest, "", `${plain}, ${retrieving} with retrieval`, here),
      line("spans", spansPerSecond, "a second", "requests × spans a request", here),
      line(
        "from the servers",
        (spansPerSecond * measured.bytesPerSpan) / 1e6,
        "MB a second",
        `spans × ${measured.bytesPerSpan} bytes`,
        here,
      ),
    ],
  };
}

function computeGateways(load: Load, spansPerSecond: number, spansPerRequest: number) {
  const requestSeconds = (load.tokens * load.millisecondsPerToken) / 1000;
  const waiting = load.requestsPerSecond * (requestSeconds + decisionSeconds);
  const memoryMb = (waiting * spansPerRequest * measured.waitingBytesPerSpan) / 1e6;
  const cores = (spansPerSecond * measured.collectorMicrosecondsPerSpan) / 1e6;
  const count = Math.max(
    2,
    Math.ceil(memoryMb / (gatewayMegabytes * usablePart)),
    Math.ceil(cores / usablePart),
  );
  return {
    count,
    lines: [
      line(
        "traces that wait in gateways",
        waiting,
        "",
        `requests × (${load.tokens} tokens × ${load.millisecondsPerToken} ms + ${decisionSeconds} s)`,
        own,
      ),
      line(
        "memory for them",
        memoryMb,
        "MB",
        `traces × spans a request × ${measured.waitingBytesPerSpan} bytes`,
        own,
      ),
      line(
        "gateways",
        count,
        "",
        `the most of 2, memory ÷ ${gatewayMegabytes * usablePart} MB, spans × ${measured.collectorMicrosecondsPerSpan} µs ÷ half a core`,
        here,
      ),
    ],
  };
}

function computeKept(load: Load, { spansPerSecond }: { spansPerSecond: number }) {
  const ordinary = 100 - load.anomalyPercent;
  const keptPercent = load.anomalyPercent + (ordinary * load.sharePercent) / 100;
  const keptSpans = (spansPerSecond * keptPercent) / 100;
  const megabytesPerSecond = (keptSpans * measured.bytesPerSpan) / 1e6;
  const monthGb = (keptSpans * secondsPerDay * daysPerMonth * measured.storedBytesPerSpan) / 1e9;
  const storedGb = (monthGb * load.retentionDays) / daysPerMonth;
  return {
    megabytesPerSecond,
    lines: [
      line(
        "kept",
        keptPercent,
        "%",
        `${load.anomalyPercent} % anomalies + ${load.sharePercent} % of the others`,
        own,
      ),
      line(
        "of what one Tempo process takes",
        (keptSpans * 100) / measured.tempoSpansPerSecond,
        "%",
        `spans kept ÷ ${measured.tempoSpansPerSecond} a second, on two cores`,
        here,
      ),
      line("to Tempo", megabytesPerSecond, "MB a second", "spans kept × bytes a span", here),
      line(
        "stored in a month",
        monthGb,
        "GB",
        `spans kept × ${measured.storedBytesPerSpan} bytes × ${daysPerMonth} days`,
        here,
      ),
      line("in the storage", storedGb, "GB", `for ${load.retentionDays} days`, here),
    ],
  };
}

function computePartSizes(megabytesPerSecond: number) {
  const per = (megabytes: number, least: number) =>
    Math.max(least, Math.ceil(megabytesPerSecond / megabytes));
  const { distributorMegabytesPerSecond, liveStoreMegabytesPerSecond, liveStoreZones } = documented;
  const partitions = per(liveStoreMegabytesPerSecond, 1);
  const replicas = {
    distributor: per(distributorMegabytesPerSecond, 2),
    liveStore: partitions * liveStoreZones,
    blockBuilder: partitions,
    querier: per(documented.querierMegabytesPerSecond, 2),
    queryFrontend: documented.queryFrontends,
    backendWorker: per(distributorMegabytesPerSecond, 1),
    partitions,
  };
  const lines = [
    line("distributors", replicas.distributor, "", "1 for 10 MB a second, at least 2", tempo),
    line("partitions", partitions, "", "1 for 6 MB a second", tempo),
    line("live stores", replicas.liveStore, "", "partitions × 2 zones", tempo),
    line("block builders", replicas.blockBuilder, "", "1 for each partition", tempo),
    line("queriers", replicas.querier, "", "1 for 1.5 MB a second, at least 2", tempo),
    line("query frontends", replicas.queryFrontend, "", "2", tempo),
    line("backend schedulers", documented.backendSchedulers, "", "1", tempo),
    line("backend workers", replicas.backendWorker, "", "1 for 10 MB a second", own),
  ];
  return { replicas, lines };
}

function line(
  name: string,
  value: number,
  unit: string,
  formula: string,
  source: string,
): SizeLine {
  return { name, value: Number(value.toPrecision(4)), unit, formula, source };
}
