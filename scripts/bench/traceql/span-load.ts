import { setImmediate as nextTurn } from "node:timers/promises";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { Random } from "../../../stack/index.ts";
import { type EncodedExport, encodeExport } from "./encode-exports.ts";
import { type Attributes, TraceBuilder } from "./trace-builder.ts";

/** As the batch processor of OpenTelemetry's SDKs sends them. */
export const spansPerExport = 512;

const seed = 20_251_126;
/** Newest spans are a little old, so that no trace ends in the future. */
const youngestNs = 120_000_000_000n;

interface LoadOptions {
  readonly spans: number;
  /** When the traces began, in nanoseconds since 1970: they are spread evenly between the two. */
  readonly fromNs: bigint;
  readonly toNs: bigint;
  /** Loads of other numbers have other traces. */
  readonly number: number;
  /** Told the share that is done, a few times a second. */
  readonly progress?: (share: number) => void;
}

/** Whole traces in the order of their starts, encoded, so that sending them costs next to nothing. */
export async function encodeLoad(options: LoadOptions): Promise<EncodedExport[]> {
  const { spans: wanted, fromNs, toNs, number } = options;
  const traces = new SyntheticTraces(seed + number);
  const encoded: EncodedExport[] = [];
  const lastNs = toNs - youngestNs;
  let made = 0;
  let batch: Span[] = [];
  while (made < wanted) {
    // By spans and not by traces, whose number is not known before all are made.
    const share = BigInt(Math.floor((made / wanted) * 1e9));
    const trace = traces.next(fromNs + ((lastNs - fromNs) * share) / 1_000_000_000n);
    made += trace.length;
    batch.push(...trace);
    if (batch.length >= spansPerExport) {
      encoded.push(encodeExport(batch.slice(0, spansPerExport)));
      batch = batch.slice(spansPerExport);
      if (encoded.length % 50 === 0) {
        options.progress?.(made / wanted);
        await nextTurn();
      }
    }
  }
  return batch.length === 0 ? encoded : [...encoded, encodeExport(batch)];
}

export function countSpans(load: readonly EncodedExport[]): number {
  return load.reduce((sum, { spans }) => sum + spans, 0);
}

const { spans: tree } = miniserve;

const models = [
  { model: "SmolLM2-135M-Instruct.Q4_1", stepMs: 24 },
  { model: "SmolLM2-360M-Instruct.Q4_K_M", stepMs: 38 },
  { model: "Qwen2.5-0.5B-Instruct.Q4_K_M", stepMs: 46 },
] as const;

/** What all stages of one request depend on. */
interface Request {
  readonly model: (typeof models)[number];
  readonly hasRetrieval: boolean;
  readonly hasFailed: boolean;
  readonly inputTokens: number;
}

/**
 * Traces as miniserve writes them, whole and by its contract: 5 spans, 9 with retrieval, one less for
 * the one request in a hundred whose decode stage threw. The same seed gives the same traces.
 */
export class SyntheticTraces {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** The spans of the next trace in the order in which they end, as an exporter gets them. */
  next(startNs: bigint): Span[] {
    const random = this.#random;
    const request: Request = {
      model: random.oneOf(models),
      hasRetrieval: random.share() < 0.45,
      hasFailed: random.isOneIn(100),
      inputTokens: Math.ceil(random.around(60, 0.9)),
    };
    const trace = new TraceBuilder(random, startNs);
    const queueUs = random.isOneIn(5) ? random.between(1_000, 400_000) : random.between(20, 200);
    trace.wait(queueUs);
    trace.stage(tree.tokenize, random.around(600, 0.5), {
      tokenizerName: "gpt2/smollm",
      tokensIn: request.inputTokens,
    });
    if (request.hasRetrieval) {
      retrieve(trace, random);
    }
    const { tokensOut, firstTokenUs } = generate(trace, random, request);
    if (!request.hasFailed) {
      const outputFormat = random.isOneIn(8) ? "json" : "text";
      trace.stage(tree.format, random.around(150, 0.6), { outputFormat, tokensOut });
    }
    return trace.finish(rootAttributes(random, request, queueUs, firstTokenUs));
  }
}

function retrieve(trace: TraceBuilder, random: Random): void {
  const docsRetrieved = random.isOneIn(50) ? 0 : 8;
  trace.parent(
    tree.retrieve,
    { indexName: "docs", docsRetrieved, docsReranked: Math.min(3, docsRetrieved) },
    () => {
      trace.stage(tree.embedQuery, random.around(14_000, 0.4), {});
      trace.stage(tree.vectorSearch, random.around(1_800, 0.7), {});
      trace.stage(tree.rerank, random.around(32_000, 0.5), {});
    },
  );
}

/** Prefill and decode. */
function generate(trace: TraceBuilder, random: Random, request: Request) {
  const { model, hasRetrieval, hasFailed, inputTokens } = request;
  const tokensIn = inputTokens + (hasRetrieval ? random.between(200, 700) : 0);
  const cacheHits = Math.floor(tokensIn * (random.isOneIn(3) ? random.share() : 0));
  trace.stage(tree.prefill, (tokensIn - cacheHits) * random.around(2_500, 0.2) + 300, {
    model: model.model,
    tokensIn,
    cacheHits,
    cacheMisses: tokensIn - cacheHits,
  });
  const firstTokenUs = trace.elapsedUs;
  const meanStepMs = meanStep(random, model.stepMs);
  const tokensOut = random.isOneIn(150) ? 0 : Math.min(512, Math.ceil(random.around(90, 0.8)));
  const duration = Math.ceil((tokensOut + 1) * meanStepMs * 1000);
  if (hasFailed) {
    trace.failedStage(tree.decode, duration / 2, { model: model.model, stopReason: "error" });
    return { tokensOut: 0, firstTokenUs };
  }
  trace.stage(tree.decode, duration, {
    model: model.model,
    tokensOut,
    decodeSteps: tokensOut + 1,
    meanStepMs,
    stopReason: random.isOneIn(3) ? "length" : "stop",
  });
  return { tokensOut, firstTokenUs };
}

/** One in fifty is whole: JavaScript's exporter writes it as an integer. */
function meanStep(random: Random, middleMs: number): number {
  const measured = random.around(middleMs, 0.25);
  return random.isOneIn(50) ? Math.ceil(measured) : Math.round(measured * 1000) / 1000;
}

function rootAttributes(
  random: Random,
  { model, hasFailed }: Request,
  slotWaitUs: number,
  timeToFirstTokenUs: number,
): Attributes<typeof tree.handler> {
  const isChat = random.share() < 0.7;
  const streamed = random.share() < 0.6;
  return {
    method: "POST",
    route: isChat ? "/v1/chat/completions" : "/v1/completions",
    model: model.model,
    requestId: `${isChat ? "chatcmpl" : "cmpl"}-${random.hex(32)}`,
    streamed,
    slotWaitUs,
    timeToFirstTokenUs,
    statusCode: hasFailed && !streamed ? 500 : 200,
    outcome: hasFailed ? "failed" : "completed",
    ...(hasFailed ? { errorType: "internal_error" } : {}),
  };
}
