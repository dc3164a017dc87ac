import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { type Span, writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { startEmbeddedStack } from "../../../stack/trace-store/index.ts";
import type { KnownDifference } from "../../../stack/trace-store/traceql/conformance/differences/known-difference.ts";
import {
  knownDifferences,
  mayExplain,
} from "../../../stack/trace-store/traceql/conformance/known-differences.ts";
import { readSpanTypes } from "../../../stack/trace-store/traceql/conformance/query-parts.ts";
import {
  type Answer,
  searchAnswer,
  seriesAnswer,
} from "../../../stack/trace-store/traceql/conformance/tempo-answers.ts";
import {
  randomSpans,
  secondNs,
} from "../../../stack/trace-store/traceql/testing/oracle/random-spans.ts";
import { randomQuestions } from "./random-questions.ts";
import { tameSpans } from "./simplified-spans.ts";

export interface TempoAddresses {
  /** Of its API. It has several tenants, of which each run is one. */
  readonly url: string;
  readonly otlpHttp: string;
}

export interface RandomComparison {
  readonly asked: number;
  readonly same: number;
  /** For how many of Tempo's answers no known difference would do: ours must be the same. */
  readonly undisputed: number;
  /** Why an answer differs → how often. */
  readonly explained: ReadonlyMap<KnownDifference, number>;
  /** With the query and both answers, for people. */
  readonly unexplained: readonly string[];
}

interface Store {
  readonly url: string;
  readonly otlpHttp: string;
  readonly tenant: string;
}

/**
 * The same random spans to a real Tempo and to an embedded store, and the same random queries.
 * @throws Error when the spans cannot be sent, or Tempo does not find them within half a minute.
 */
export async function compareRandomly(
  tempo: TempoAddresses,
  { seed, queries }: { readonly seed: number; readonly queries: number },
): Promise<RandomComparison> {
  const directory = mkdtempSync(join(tmpdir(), "beside-tempo-"));
  const stack = await startEmbeddedStack([miniserve], {
    dataDirectory: directory,
    ports: { tempo: 0, otlpGrpc: 0, otlpHttp: 0 },
    hosts: ["127.0.0.1"],
  });
  try {
    const tenant = `seed-${seed}-${Date.now()}`;
    const at = (port: number) => `http://127.0.0.1:${port}`;
    const { ports } = stack;
    const stores: readonly [Store, Store] = [
      { ...tempo, tenant },
      { url: at(ports.tempo), otlpHttp: at(ports.otlpHttp), tenant },
    ];
    // Five minutes ago: so all of them have ended, and none is too old for a live store.
    const startNs = ((BigInt(Date.now()) * 1_000_000n) / secondNs - 300n) * secondNs;
    const [random = []] = fc.sample(randomSpans, { seed, numRuns: 1 });
    const spans = tameSpans(random, startNs);
    for (const store of stores) {
      await sendSpans(store, spans);
    }
    const startS = Number(startNs / secondNs) - 1;
    const range = { start: String(startS), end: String(startS + 262) };
    await waitUntilFound(stores[0], spans, range);
    return await askBoth(stores, { spans, range, seed, queries });
  } finally {
    await stack.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function sendSpans({ otlpHttp, tenant }: Store, spans: readonly Span[]): Promise<void> {
  const response = await fetch(`${otlpHttp}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-scope-orgid": tenant },
    body: JSON.stringify({ resourceSpans: writeResourceSpans(spans, "otlp") }),
  });
  const text = await response.text();
  if (!response.ok || /rejectedSpans/.test(text)) {
    throw new Error(`${otlpHttp} did not take the spans: ${response.status} ${text}`);
  }
}

type Range = Readonly<Record<"start" | "end", string>>;

async function waitUntilFound(store: Store, spans: readonly Span[], range: Range): Promise<void> {
  const all = { q: "{ }", ...range, limit: "500", spss: "100" };
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { lines = [] } = await ask(store, "/api/search", all);
    const found = lines.reduce((sum, line) => sum + Number(line.split(" ")[1]), 0);
    if (found === spans.length) {
      return;
    }
    await delay(300);
  }
  throw new Error(`${store.url} does not find the spans that it took.`);
}

async function askBoth(
  [tempo, embedded]: readonly [Store, Store],
  {
    spans,
    range,
    seed,
    queries,
  }: {
    readonly spans: readonly Span[];
    readonly range: Range;
    readonly seed: number;
    readonly queries: number;
  },
): Promise<RandomComparison> {
  const getTypes = readSpanTypes(spans);
  const explained = new Map<KnownDifference, number>();
  const unexplained: string[] = [];
  const counts = { asked: 0, same: 0, undisputed: 0 };
  for (const asked of randomQuestions(seed, { queries, getTypes })) {
    const { text: q, query } = asked;
    const isMetrics = query.metrics !== null;
    const path = isMetrics ? "/api/metrics/query_range" : "/api/search";
    const more: Record<string, string> = isMetrics
      ? { step: "60s" }
      : { limit: "500", spss: "100" };
    const parameters = { q, ...range, ...more };
    const [theirs, ours] = await Promise.all([
      ask(tempo, path, parameters),
      ask(embedded, path, parameters),
    ]);
    const reason = knownDifferences.find(
      (known) => known.traces === undefined && mayExplain(known, asked, theirs),
    );
    counts.asked += 1;
    counts.undisputed += Number(reason === undefined);
    if (isSame(theirs, ours)) {
      counts.same += 1;
    } else if (reason === undefined) {
      unexplained.push(`${q}\n  Tempo ${JSON.stringify(theirs)}\n  here  ${JSON.stringify(ours)}`);
    } else {
      explained.set(reason, (explained.get(reason) ?? 0) + 1);
    }
  }
  return { ...counts, explained, unexplained };
}

async function ask(
  { url, tenant }: Store,
  path: string,
  parameters: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(`${url}${path}?${new URLSearchParams(parameters)}`, {
    headers: { "x-scope-orgid": tenant },
  });
  const text = await response.text();
  if (!response.ok) {
    return { error: `${response.status} ${text.trim()}` };
  }
  const document = JSON.parse(text) as object;
  return path === "/api/search" ? searchAnswer(document) : seriesAnswer(document);
}

/** Errors are the same whatever their words, unless the store failed. */
function isSame(one: Answer, other: Answer): boolean {
  if (one.error !== undefined || other.error !== undefined) {
    return one.error !== undefined && other.error?.startsWith("400") === true;
  }
  return JSON.stringify(one) === JSON.stringify(other);
}
