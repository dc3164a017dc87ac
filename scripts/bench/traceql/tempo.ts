import { setTimeout as delay } from "node:timers/promises";
import { StackError } from "../../../stack/index.ts";
import { formatCount } from "../statistics.ts";
import { type EncodedExport, httpSender, type Sent, sendAll } from "./encode-exports.ts";
import { createProgress } from "./long-work.ts";
import type { Range } from "./shapes.ts";

const inFlight = 8;
/** When so long no more are found, the others will not be either. */
const visibleLimitMs = 60_000;
const askEveryMs = 2_000;
/** The settings without which a Tempo does not find spans that are hours old. */
const settingsThatMatter = [
  "ingestion_time_range_slack",
  "max_traces_per_user",
  "query_end_cutoff",
  "blocklist_poll",
];

/** A Tempo that somebody else has started, empty, for this run. */
export interface Tempo {
  readonly url: string;
  readonly otlpUrl: string;
  /** Its version, and the settings that matter here, as it tells them. */
  readonly described: string;
}

/**
 * @returns undefined when the environment names none.
 * @throws StackError when it cannot be used: it does not answer, or holds spans already.
 */
export async function findTempo(
  environment: Readonly<Record<string, string | undefined>>,
  range: Range,
): Promise<Tempo | undefined> {
  const { TEMPO_URL: url, TEMPO_OTLP: otlpUrl } = environment;
  if (!url || !otlpUrl) {
    return undefined;
  }
  const held = await countSpans(url, range);
  if (held > 0) {
    throw new StackError("configuration_invalid", {
      message: `The Tempo at ${url} holds ${formatCount(held)} spans already, and both must hold the same.`,
      hint: "Start it with an empty data directory, or unset TEMPO_URL.",
    });
  }
  return { url, otlpUrl, described: await describe(url) };
}

/**
 * Fills it, and waits until all that was sent is found.
 * @returns Also how many spans it finds: it may drop some without a word.
 */
export async function fillTempo(
  tempo: Tempo,
  load: readonly EncodedExport[],
  range: Range,
  progress: (sentence: string) => void,
): Promise<Sent & { readonly found: number; readonly visibleAfterMs: number }> {
  const sent = await sendAll(httpSender(tempo.otlpUrl), load, {
    inFlight,
    progress: createProgress(progress, "sending to Tempo"),
  });
  const sentAt = performance.now();
  let [found, foundAt] = [0, sentAt];
  while (found < sent.spans && performance.now() - foundAt < visibleLimitMs) {
    await delay(askEveryMs);
    const nowFound = await countSpans(tempo.url, range);
    if (nowFound === found) {
      continue;
    }
    [found, foundAt] = [nowFound, performance.now()];
    progress(`Tempo finds ${formatCount(found)} of ${formatCount(sent.spans)} spans`);
  }
  return { ...sent, found, visibleAfterMs: foundAt - sentAt };
}

async function countSpans(url: string, { start, end }: Range): Promise<number> {
  const asked = { q: "{ } | count_over_time()", start: String(start), end: String(end) };
  const text = await fetchText(`${url}/api/metrics/query?${new URLSearchParams(asked)}`);
  const { series = [] } = JSON.parse(text) as { series?: { value?: number }[] };
  return series.reduce((sum, { value = 0 }) => sum + value, 0);
}

async function describe(url: string): Promise<string> {
  const { version } = JSON.parse(await fetchText(`${url}/api/status/buildinfo`)) as {
    version: string;
  };
  const settings = (await fetchText(`${url}/status/config`)).split("\n").map((line) => line.trim());
  const told = settings.filter((line) =>
    settingsThatMatter.some((name) => line.startsWith(`${name}:`)),
  );
  return [`Tempo ${version || "of an unknown version"}`, ...new Set(told)].join(", ");
}

async function fetchText(address: string): Promise<string> {
  try {
    const response = await fetch(address);
    const text = await response.text();
    if (response.ok) {
      return text;
    }
    throw new Error(`it answered ${response.status}: ${text.trim().slice(0, 200)}`);
  } catch (error) {
    throw new StackError("store_unreachable", {
      address: new URL(address).origin,
      reason: (error as Error).message,
    });
  }
}
