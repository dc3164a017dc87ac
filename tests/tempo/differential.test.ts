import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { miniserve } from "#contract";
import { startEmbeddedStack } from "../../stack/embedded/index.ts";
import { temporaryDirectory } from "../../stack/embedded/testing/temporary-directory.ts";
import { conformanceQueries } from "../../stack/embedded/traceql/conformance/queries.ts";
import { knownDifferences } from "./known-differences.ts";
import { type Answer, searchAnswer, seriesAnswer } from "./tempo-answers.ts";

/** A Tempo to compare with: its API, and where it takes OTLP over HTTP. */
const { TEMPO_URL, TEMPO_OTLP } = process.env;

const skip =
  TEMPO_URL && TEMPO_OTLP
    ? false
    : "set TEMPO_URL and TEMPO_OTLP to compare with a real Tempo 3.0.3";

/** When the data set begins. */
const dataSetNs = 1_767_225_600_000_000_000n;
/** Until spans of a Tempo with short limits are found by searches. */
const settleMs = 3_000;

/** The data set as if it was just made, of a service of its own. */
function freshDataSet(service: string, nowNs: bigint): string {
  const file = new URL("../../stack/embedded/traceql/conformance/data-set.json", import.meta.url);
  return readFileSync(file, "utf8")
    .replaceAll('"conformance', `"${service}`)
    .replace(/"(1767\d{15})"/g, (_, time: string) => `"${BigInt(time) - dataSetNs + nowNs}"`);
}

async function ask(url: string, path: string, parameters: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${url}${path}?${new URLSearchParams(parameters)}`);
  const text = await response.text();
  if (!response.ok) {
    return { error: text.trim() };
  }
  const document = JSON.parse(text) as object;
  return "traces" in document || path === "/api/search"
    ? searchAnswer(document)
    : seriesAnswer(document);
}

test("a real Tempo gives the same answers, but for what is known", { skip }, async (context) => {
  const ports = { tempo: 0, otlpGrpc: 0, otlpHttp: 0 };
  const hosts = ["127.0.0.1"];
  const stack = await startEmbeddedStack(miniserve, {
    dataDirectory: temporaryDirectory(),
    ports,
    hosts,
  });
  context.after(() => stack.close());
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const service = `differential-${Date.now()}`;
  const ours = `http://127.0.0.1:${stack.ports.tempo}`;
  for (const receiver of [`http://127.0.0.1:${stack.ports.otlpHttp}`, TEMPO_OTLP]) {
    const sent = await fetch(`${receiver}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: freshDataSet(service, nowNs - 60_000_000_000n),
    });
    assert.equal(sent.status, 200, await sent.text());
  }
  await sleep(settleMs);
  const end = Math.ceil(Date.now() / 1000) + 5;
  const range = { start: String(end - 1200), end: String(end) };
  const { searches, metrics, invalid } = conformanceQueries(service);
  const asked = [
    ...metrics.flatMap((q) => [
      { path: "/api/metrics/query_range", q, more: { step: "60s" } },
      { path: "/api/metrics/query", q, more: {} },
    ]),
    ...searches.map((q) => ({ path: "/api/search", q, more: { limit: "1000", spss: "100" } })),
    // An empty query asks the API for everything, as none at all does.
    ...invalid.filter(Boolean).map((q) => ({
      path: /rate|_over_time/.test(q) ? "/api/metrics/query" : "/api/search",
      q,
      more: {},
    })),
  ];
  const unexplained: unknown[] = [];
  const reasons = new Map<string, number>();
  for (const { path, q, more } of asked) {
    const [tempo, embedded] = await Promise.all(
      [TEMPO_URL ?? "", ours].map((url) => ask(url, path, { q, ...range, ...more })),
    );
    if (isSame(tempo, embedded)) {
      continue;
    }
    const reason = knownDifferences.find(
      ({ pattern, traces }) =>
        pattern.test(q) &&
        (traces === undefined || isSame(without(tempo, traces), without(embedded, traces))),
    )?.reason;
    if (reason === undefined) {
      unexplained.push({ path, q, tempo, embedded });
    } else {
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  context.diagnostic(`${asked.length} asked`);
  for (const [reason, count] of reasons) {
    context.diagnostic(`${count} differ: ${reason}`);
  }
  assert.deepEqual(unexplained, []);
});

/** The answer less what it says of some traces. */
function without(answer: Answer | undefined, traces: RegExp): Answer | undefined {
  const isOther = (line: string) => !traces.test(line.split(" ")[0] ?? "");
  return answer?.lines === undefined ? answer : { ...answer, lines: answer.lines.filter(isOther) };
}

/** Errors are the same whatever their words. */
function isSame(one: Answer | undefined, other: Answer | undefined): boolean {
  if (one?.error !== undefined || other?.error !== undefined) {
    return one?.error !== undefined && other?.error !== undefined;
  }
  return JSON.stringify(one) === JSON.stringify(other);
}
