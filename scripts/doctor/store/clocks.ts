import { fetchIngestCounts, searchTempo } from "../../../stack/index.ts";
import { type Check, orFine, type Seen } from "../check.ts";
import { Finding } from "../finding.ts";
import { formatSeconds } from "../sizes.ts";
import type { AskedStore } from "../subject.ts";
import { isSeen, newestEndMs, type ServiceSample } from "./samples.ts";

/** Spans are written with the time of who sends them, and asked for by the time of who looks. */
const why =
  "Queries ask for a time by this machine's clock. What is ahead of it is not found yet, and what is behind it seems old.";

/** Less may be a request that is slow to be sent. */
const toleratedSeconds = 60;
/** Later times are moved by the store. */
const aheadHours = 25;
const mostTraces = 20;

/**
 * @param storeStartedMs when the embedded store began to count what comes in; undefined for another.
 */
export function clockCheck(
  store: AskedStore,
  samples: () => Promise<readonly ServiceSample[]>,
  storeStartedMs: number | undefined,
): Check {
  return {
    name: "Clock",
    why,
    look: async () => {
      const ahead = await findAhead(store);
      const behind =
        ahead.length > 0 ? [] : await findBehind(store, await samples(), storeStartedMs);
      return orFine(
        [...ahead, ...behind, ...(await clockDifference("the store", store))],
        "no span is ahead of this machine's, and the store's is the same.",
      );
    },
  };
}

async function findAhead({ tempoUrl, authorization }: AskedStore): Promise<Seen[]> {
  const now = Math.floor(Date.now() / 1000);
  const { traces } = await searchTempo(tempoUrl, {
    text: "{ }",
    start: now + toleratedSeconds,
    end: now + aheadHours * 3600,
    limit: mostTraces,
    authorization,
  });
  const bySender = new Map<string, number>();
  for (const { rootServiceName, startTimeUnixNano = "0" } of traces) {
    const seconds = Number(BigInt(startTimeUnixNano) / 1_000_000_000n) - now;
    const service = rootServiceName || "A service";
    if (seconds > toleratedSeconds) {
      bySender.set(service, Math.max(seconds, bySender.get(service) ?? 0));
    }
  }
  return [...bySender].map(
    ([service, seconds]) => new Finding("clock_ahead", { service, ahead: formatSeconds(seconds) }),
  );
}

/** What came in after a moment, and ended before it, was sent by a clock that is behind, or late. */
async function findBehind(
  { tempoUrl }: AskedStore,
  samples: readonly ServiceSample[],
  storeStartedMs: number | undefined,
): Promise<Seen[]> {
  const spans = samples.filter(isSeen).flatMap(({ traces }) => traces.flatMap((one) => one.spans));
  if (storeStartedMs === undefined || spans.length === 0) {
    return [];
  }
  const cameIn = (await fetchIngestCounts(tempoUrl))?.spans.taken ?? 0;
  const seconds = (storeStartedMs - newestEndMs(spans)) / 1000;
  return cameIn > 0 && seconds > toleratedSeconds
    ? [new Finding("clock_behind", { behind: formatSeconds(seconds) })]
    : [];
}

const answerLimitMs = 5_000;
/** The header has whole seconds, and an answer takes its time. */
const toleratedDifferenceSeconds = 30;

/** Where an answer says what time it is where it comes from. */
export async function clockDifference(
  name: string,
  { tempoUrl: url, authorization }: Pick<AskedStore, "tempoUrl" | "authorization">,
): Promise<Seen[]> {
  const headers = authorization === undefined ? {} : { authorization };
  const signal = AbortSignal.timeout(answerLimitMs);
  const response = await fetch(url, { headers, signal, redirect: "manual" }).catch(() => undefined);
  await response?.body?.cancel();
  const told = Date.parse(response?.headers.get("date") ?? "");
  const seconds = Math.round((told - Date.now()) / 1000);
  const difference = `${formatSeconds(Math.abs(seconds))} ${seconds > 0 ? "ahead of" : "behind"}`;
  return Math.abs(seconds) > toleratedDifferenceSeconds
    ? [new Finding("clock_differs", { name, difference })]
    : [];
}
