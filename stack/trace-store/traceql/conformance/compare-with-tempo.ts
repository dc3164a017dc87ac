import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readOtlpJson } from "#contract";
import { isMetricsQuery, parseQuery } from "#traceql";
import { startEmbeddedStack } from "../../index.ts";
import { conformanceContract } from "./contract.ts";
import { backwards } from "./data/corner-traces.ts";
import { startNs } from "./data/spans.ts";
import type { AskedQuery, KnownDifference } from "./differences/known-difference.ts";
import { knownDifferences, mayExplain } from "./known-differences.ts";
import { conformanceQueries } from "./queries.ts";
import { readSpanTypes, type TypesOf } from "./query-parts.ts";
import { type Answer, searchAnswer, seriesAnswer } from "./tempo-answers.ts";

export interface TempoAddresses {
  /** Of its API. */
  readonly apiUrl: string;
  /** Where it takes OTLP over HTTP, without a path. */
  readonly otlpUrl: string;
}

/** The same spans, the same questions: how a Tempo and the embedded store answer. */
export interface Comparison {
  /** How often something was asked; a metrics query twice, for a range and for one value. */
  readonly asked: number;
  /** Why an answer differs → how often. */
  readonly explained: ReadonlyMap<KnownDifference, number>;
  readonly unexplained: readonly { path: string; q: string; tempo: Answer; embedded: Answer }[];
}

interface Question {
  readonly path: string;
  readonly q: string;
  readonly more: Record<string, string>;
}

/**
 * Sends the data set, as if it was just made, to both and asks both everything.
 * @param dataDirectory For an embedded store; empty.
 * @throws Error when the spans cannot be sent, or Tempo does not find them within a minute.
 */
export async function compareWithTempo(
  { apiUrl, otlpUrl }: TempoAddresses,
  dataDirectory: string,
): Promise<Comparison> {
  const stack = await startEmbeddedStack([conformanceContract], {
    dataDirectory,
    ports: { tempo: 0, otlpGrpc: 0, otlpHttp: 0 },
    hosts: ["127.0.0.1"],
  });
  try {
    const service = `compared-${Date.now()}`;
    const document = freshDataSet(service);
    await send(`http://127.0.0.1:${stack.ports.otlpHttp}`, document);
    await send(otlpUrl, document);
    await waitUntilFound(apiUrl, service, new Set(document.match(/"traceId":"\w+"/g)).size);
    const end = Math.ceil(Date.now() / 1000) + 5;
    const range = { start: String(end - 1200), end: String(end) };
    const embeddedUrl = `http://127.0.0.1:${stack.ports.tempo}`;
    const explained = new Map<KnownDifference, number>();
    const unexplained: Comparison["unexplained"][number][] = [];
    const questions = listQuestions(service);
    const getTypes = readSpanTypes(readOtlpJson(JSON.parse(document)).spans);
    const asked = (text: string) => readQuestion(text, getTypes);
    for (const { path, q, more } of questions) {
      const [tempo = {}, embedded = {}] = await Promise.all(
        [apiUrl, embeddedUrl].map((url) => ask(url, path, { q, ...range, ...more })),
      );
      if (isSame(tempo, embedded)) {
        continue;
      }
      const reason = knownDifferences.find((known) => explains(known, asked(q), tempo, embedded));
      if (reason === undefined) {
        unexplained.push({ path, q, tempo, embedded });
      } else {
        explained.set(reason, (explained.get(reason) ?? 0) + 1);
      }
    }
    return { asked: questions.length, explained, unexplained };
  } finally {
    await stack.close();
  }
}

/** Of a service of its own, ended a moment ago, with trace ids that no other run has sent. */
function freshDataSet(service: string): string {
  const file = new URL("data-set.json", import.meta.url);
  const shiftNs = (BigInt(Date.now()) - 270_000n) * 1_000_000n - startNs;
  const salt = (Date.now() % 2 ** 24).toString(16).padStart(6, "0");
  const lines = readFileSync(file, "utf8").split("\n");
  return lines
    .filter((line) => !line.includes(`"name":"${backwards}"`))
    .join("\n")
    .replaceAll('"conformance', `"${service}`)
    .replace(/"(1767\d{15})"/g, (_, time: string) => `"${BigInt(time) + shiftNs}"`)
    .replace(/"traceId":"(ab|ac|00)\w{6}/g, `"traceId":"$1${salt}`);
}

async function send(otlpUrl: string, document: string): Promise<void> {
  const response = await fetch(`${otlpUrl}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: document,
  });
  if (!response.ok) {
    throw new Error(
      `${otlpUrl} did not take the spans: ${response.status} ${await response.text()}`,
    );
  }
}

/** Those without a service are not found by it, so a few may be missing. */
async function waitUntilFound(apiUrl: string, service: string, traces: number): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const now = Math.ceil(Date.now() / 1000);
    const q = `{ resource.service.name =~ "${service}.*" }`;
    const parameters = { q, start: String(now - 1200), end: String(now + 5), limit: "5000" };
    const { lines = [] } = await ask(apiUrl, "/api/search", parameters);
    if (lines.length >= traces - 5) {
      await sleep(1_000);
      return;
    }
    await sleep(1_000);
  }
  throw new Error(`${apiUrl} does not find the spans that it took.`);
}

function listQuestions(service: string): Question[] {
  const { searches, metrics, invalid } = conformanceQueries(service);
  return [
    ...metrics.flatMap((q) => [
      { path: "/api/metrics/query_range", q, more: { step: "60s" } },
      { path: "/api/metrics/query", q, more: {} },
    ]),
    ...searches.map((q) => ({ path: "/api/search", q, more: { limit: "2000", spss: "100" } })),
    // An empty query asks the API for everything, as none at all does.
    ...invalid.filter(Boolean).map((q) => ({
      path: isMetricsQuery(q) ? "/api/metrics/query" : "/api/search",
      q,
      more: {},
    })),
  ];
}

async function ask(url: string, path: string, parameters: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${url}${path}?${new URLSearchParams(parameters)}`);
  const text = await response.text();
  if (!response.ok) {
    return { error: text.trim() };
  }
  const document = JSON.parse(text) as object;
  return path === "/api/search" ? searchAnswer(document) : seriesAnswer(document);
}

function explains(
  known: KnownDifference,
  asked: AskedQuery,
  tempo: Answer,
  embedded: Answer,
): boolean {
  const { traces } = known;
  return (
    mayExplain(known, asked, tempo) &&
    (traces === undefined || isSame(without(tempo, traces), without(embedded, traces)))
  );
}

function readQuestion(text: string, getTypes: TypesOf): AskedQuery {
  try {
    return { text, query: parseQuery(text), getTypes: getTypes };
  } catch {
    // What is refused here has nothing but its text.
    const query = { stages: [], metrics: null, seriesStages: [], hints: [] };
    return { text, query, getTypes: getTypes };
  }
}

/** The answer less what it says of some traces. */
function without(answer: Answer, traces: RegExp): Answer {
  const isOther = (line: string) => !traces.test(line.split(" ")[0] ?? "");
  return answer.lines === undefined ? answer : { ...answer, lines: answer.lines.filter(isOther) };
}

/** Errors are the same whatever their words. */
function isSame(one: Answer, other: Answer): boolean {
  if (one.error !== undefined || other.error !== undefined) {
    return one.error !== undefined && other.error !== undefined;
  }
  return JSON.stringify(one) === JSON.stringify(other);
}
