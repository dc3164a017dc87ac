import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  miniserve,
  type SavedQuery,
  type Span,
  savedQueriesOf,
  writeResourceSpans,
} from "#contract";
import { startEmbeddedStack } from "../../stack/trace-store/index.ts";
import { temporaryDirectory } from "../../stack/trace-store/testing/temporary-directory.ts";
import { wireNamesOf, withWireName } from "../support/wire-names.ts";
import { randomHex, spansOfRequest } from "./plant.ts";
import { plants, wantedRequestId } from "./planted-requests.ts";

/** A Tempo to ask as well: its API, and where it takes OTLP over HTTP. */
const { TEMPO_URL, TEMPO_OTLP } = process.env;
const skip =
  TEMPO_URL && TEMPO_OTLP ? false : "set TEMPO_URL and TEMPO_OTLP to ask a real Tempo 3.0.3";
/** Until spans of a Tempo with short limits are found by searches. */
const settleMs = 3_000;

interface Store {
  readonly api: string;
  readonly otlp: string;
  readonly isTempo?: boolean;
}

async function embeddedStore(t: TestContext, contract: typeof miniserve): Promise<Store> {
  const stack = await startEmbeddedStack(contract, {
    dataDirectory: temporaryDirectory(),
    ports: { tempo: 0, otlpGrpc: 0, otlpHttp: 0 },
    hosts: ["127.0.0.1"],
  });
  t.after(() => stack.close());
  const { tempo, otlpHttp } = stack.ports;
  return { api: `http://127.0.0.1:${tempo}`, otlp: `http://127.0.0.1:${otlpHttp}` };
}

/** Plants everything, and returns by span id what it was planted as. */
async function plantAll(
  { otlp }: Store,
  contract: typeof miniserve,
  service: string,
): Promise<Map<string, string>> {
  const startTimeUnixNano = BigInt(Date.now() - 60_000) * 1_000_000n;
  const planting = { contract, service, startTimeUnixNano };
  const labelled = Object.entries(plants).flatMap(([label, { requests }]) => {
    const traceId = randomHex(16);
    return requests
      .flatMap((request) => spansOfRequest(planting, request, traceId))
      .map((span): [Span, string] => [span, label]);
  });
  const body = {
    resourceSpans: writeResourceSpans(
      labelled.map(([span]) => span),
      "otlp",
    ),
  };
  const answer = await fetch(`${otlp}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200, await answer.text());
  return new Map(labelled.map(([{ spanId }, label]) => [spanId, label]));
}

async function ask(url: string, path: string, q: string, more: Record<string, string> = {}) {
  const end = Math.ceil(Date.now() / 1000) + 5;
  const range = { start: String(end - 600), end: String(end) };
  const answer = await fetch(`${url}${path}?${new URLSearchParams({ q, ...range, ...more })}`);
  const text = await answer.text();
  assert.equal(answer.status, 200, `${q}\n${text}`);
  return JSON.parse(text);
}

interface Found {
  readonly traces?: readonly {
    readonly spanSets: readonly { readonly spans: readonly { readonly spanID: string }[] }[];
  }[];
}

async function labelsFound(store: Store, q: string, labels: Map<string, string>) {
  const more = { limit: "1000", spss: "100" };
  const { traces = [] }: Found = await ask(store.api, "/api/search", q, more);
  const ids = traces.flatMap(({ spanSets }) =>
    spanSets.flatMap(({ spans }) => spans.map(({ spanID }) => spanID.padStart(16, "0"))),
  );
  return [...new Set(ids.map((id) => labels.get(id) ?? `the unknown span ${id}`))].sort();
}

async function counted(store: Store, q: string): Promise<number> {
  const answer: { series?: readonly { value?: number | string }[] } = await ask(
    store.api,
    "/api/metrics/query",
    q,
  );
  return (answer.series ?? []).reduce((sum, { value = 0 }) => sum + Number(value), 0);
}

async function checkQuery(store: Store, query: SavedQuery, labels: Map<string, string>) {
  const { id, search, table, count } = query;
  const expected = Object.entries(plants).flatMap(([label, { foundBy, foundInTempoBy }]) => {
    const counts = store.isTempo === true ? (foundInTempoBy ?? foundBy) : foundBy;
    return counts[id] === undefined ? [] : [{ label, count: counts[id] }];
  });
  const expectedLabels = expected.map(({ label }) => label).sort();
  assert.ok(expected.length > 0, `nothing is planted for ${id}`);
  assert.deepEqual(await labelsFound(store, search, labels), expectedLabels, id);
  assert.deepEqual(await labelsFound(store, table, labels), expectedLabels, `${id}, as a table`);
  if (count !== null) {
    const number = expected.reduce((sum, plant) => sum + plant.count, 0);
    assert.equal(await counted(store, count), number, `${id}, counted`);
  }
}

async function checkAll(store: Store, contract: typeof miniserve, service: string, waitMs = 0) {
  const labels = await plantAll(store, contract, service);
  await sleep(waitMs);
  for (const query of savedQueriesOf(contract, { values: { service, request: wantedRequestId } })) {
    await checkQuery(store, query, labels);
  }
}

test("each saved query finds the requests that were planted for it, and no other", async (t) => {
  await checkAll(await embeddedStore(t, miniserve), miniserve, "miniserve");
});

test("with other names on the wire, it finds the same", async (t) => {
  const renamed = wireNamesOf(miniserve).reduce(
    (contract, { name }) => withWireName(contract, name, `renamed.${name}`),
    miniserve,
  );
  assert.notEqual(renamed.spans.rerank.name, miniserve.spans.rerank.name);
  await checkAll(await embeddedStore(t, renamed), renamed, "miniserve");
});

test("in a real Tempo, each finds the same", { skip }, async () => {
  const store = { api: TEMPO_URL ?? "", otlp: TEMPO_OTLP ?? "", isTempo: true };
  await checkAll(store, miniserve, `queries-${Date.now()}`, settleMs);
});
