import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import type { Span } from "#contract";
import { listServices, type RecentTrace, recentTraces } from "../../stack/index.ts";
import { sampleSpan } from "../../stack/trace-store/testing/sample-span.ts";
import {
  embeddedStore,
  type Store,
  send,
  settleMs,
  skipWithoutTempo,
  tempo,
} from "../support/stores.ts";
import { randomHex } from "../support/traces/complete-request.ts";

/** What is older than 15 minutes, a Tempo finds late. */
const rangeMs = 12 * 60_000;

/** So that a Tempo that holds more is asked for these alone. */
const run = randomHex(4);
const shop = `shop "${run}"`;
const bank = `bank ${run}`;

/** A span so many minutes ago. */
function spanOf(service: string, traceId: string, minutesAgo: number): Span {
  const start = BigInt(Date.now() - minutesAgo * 60_000) * 1_000_000n;
  return sampleSpan({
    traceId,
    spanId: randomHex(8),
    startTimeUnixNano: start,
    endTimeUnixNano: start + 1_000_000n,
    resource: {
      attributes: [{ key: "service.name", value: { type: "string", value: service } }],
      droppedAttributesCount: 0,
      schemaUrl: "",
    },
  });
}

const busy = Array.from({ length: 6 }, () => randomHex(16));
const older = randomHex(16);
const shared = randomHex(16);
const spans = [
  ...busy.map((traceId, index) => spanOf(shop, traceId, index / 10)),
  spanOf(shop, older, 10),
  spanOf(shop, shared, 1),
  spanOf(bank, shared, 1),
  spanOf(bank, randomHex(16), 1),
];

async function read(traces: AsyncGenerator<RecentTrace>): Promise<RecentTrace[]> {
  const all: RecentTrace[] = [];
  for await (const trace of traces) {
    all.push(trace);
  }
  return all;
}

async function checkStore(store: Store): Promise<void> {
  const asked = { service: shop, sinceMs: rangeMs, limit: 100 };
  const progress: string[] = [];
  const all = await read(
    recentTraces(store.api, {
      ...asked,
      onProgress: (seen) => progress.push(`${seen.read} of ${seen.found}`),
    }),
  );
  assert.deepEqual(
    all.map(({ traceId }) => traceId),
    [...busy, shared, older],
  );
  assert.equal(progress.length, 8);
  assert.equal(progress.at(-1), "8 of 8");
  // With what others did in them.
  assert.equal(all.find(({ traceId }) => traceId === shared)?.spans.length, 2);

  const newest = await read(recentTraces(store.api, { ...asked, limit: 3 }));
  assert.deepEqual(
    newest.map(({ traceId }) => traceId),
    busy.slice(0, 3),
  );
  const spread = await read(recentTraces(store.api, { ...asked, limit: 4, parts: 4 }));
  assert.equal(spread.length, 4);
  assert.equal(spread.at(-1)?.traceId, older);
  assert.deepEqual(
    await read(recentTraces(store.api, { ...asked, sinceMs: rangeMs / 2, limit: 100, parts: 3 })),
    all.filter(({ traceId }) => traceId !== older),
  );
  assert.deepEqual(await read(recentTraces(store.api, { ...asked, service: `no ${run}` })), []);

  const now = Math.ceil(Date.now() / 1000) + 1;
  const services = await listServices(store.api, { start: now - 900, end: now });
  assert.deepEqual(
    services.filter((name) => name.includes(run)),
    [bank, shop],
  );
}

test("the newest traces of a service come whole from the embedded store", async (t) => {
  const store = await embeddedStore(t);
  await send(store, spans);
  await checkStore(store);
});

test("and from a real Tempo", { skip: skipWithoutTempo }, async () => {
  await send(tempo, spans);
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  await checkStore(tempo);
});

test("a Tempo that does not know the hint is asked without it, and with what it needs", async (t) => {
  const store = await embeddedStore(t);
  await send(store, spans);
  const seen = new Set<string | undefined>();
  const older = createServer(async (request, response) => {
    seen.add(request.headers.authorization);
    const isHinted = request.url?.includes("most_recent");
    const answer = isHinted
      ? new Response("parse error: unexpected with", { status: 400 })
      : await fetch(`${store.api}${request.url}`);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(await answer.text());
  });
  await new Promise<void>((resolve) => older.listen(0, "127.0.0.1", resolve));
  t.after(() => older.close());
  const address = older.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const authorization = "Basic c2hvcDpzZWNyZXQ=";
  const options = { service: shop, sinceMs: rangeMs, limit: 100, authorization };
  assert.equal((await read(recentTraces(url, options))).length, 8);
  assert.deepEqual([...seen], [authorization]);
});

test("a store that is not there is said", async () => {
  const options = { service: shop, sinceMs: rangeMs, limit: 1 };
  await assert.rejects(read(recentTraces("http://127.0.0.1:9", options)), {
    code: "store_unreachable",
  });
});
