import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createSavedQueries, type SavedQuery, type Span } from "#contract";
import { miniserve } from "#miniserve";
import {
  embeddedStore,
  type Store,
  send,
  settleMs,
  skipWithoutTempo,
  tempo,
} from "../support/stores.ts";
import { listWireNames, withWireName } from "../support/wire-names.ts";
import { createTraceSpans, plants, wantedRequestId } from "./seeded-requests.ts";

/** Plants everything, and returns by span id what it was planted as. */
async function plantAll(
  store: Store,
  contract: typeof miniserve,
  service: string,
): Promise<Map<string, string>> {
  const labelled = Object.entries(plants).flatMap(([label, { requests }]) =>
    createTraceSpans(requests, Date.now() - 60_000, { contract, service }).map(
      (span): [Span, string] => [span, label],
    ),
  );
  await send(
    store,
    labelled.map(([span]) => span),
  );
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
    const counts = store === tempo ? (foundInTempoBy ?? foundBy) : foundBy;
    return counts[id] === undefined ? [] : [{ label, count: counts[id] }];
  });
  const expectedLabels = expected.map(({ label }) => label).sort();
  assert.ok(
    expected.length > 0,
    `nothing is planted for ${id}: name it in a request of tests/queries/seeded-requests.ts`,
  );
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
  for (const query of createSavedQueries(contract, {
    values: { service, request: wantedRequestId },
  })) {
    await checkQuery(store, query, labels);
  }
}

test("each saved query finds the requests that were planted for it, and no other", async (t) => {
  await checkAll(await embeddedStore(t, miniserve), miniserve, "miniserve");
});

test("with other names on the wire, it finds the same", async (t) => {
  const renamed = listWireNames(miniserve).reduce(
    (contract, { name }) => withWireName(contract, name, `renamed.${name}`),
    miniserve,
  );
  assert.notEqual(renamed.spans.rerank.name, miniserve.spans.rerank.name);
  await checkAll(await embeddedStore(t, renamed), renamed, "miniserve");
});

test("in a real Tempo, each finds the same", { skip: skipWithoutTempo }, async () => {
  await checkAll(tempo, miniserve, `queries-${Date.now()}`, settleMs);
});
