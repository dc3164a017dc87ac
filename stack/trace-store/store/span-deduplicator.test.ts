import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { arbitrarySpan } from "../testing/arbitrary-span.ts";
import { assertSameSpans } from "../testing/assert-same-spans.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { openStore, type Store } from "./index.ts";

const seed = 20_251_109;
const hourNs = 3_600_000_000_000n;
const { startTimeUnixNano: startNs } = sampleSpan();

async function openFor(context: TestContext, directory = temporaryDirectory()): Promise<Store> {
  const store = await openStore([miniserve], { directory });
  context.after(() => store.close());
  return store;
}

function numbered(number: number, changes: Partial<Span> = {}): Span {
  return sampleSpan({ spanId: (number + 1).toString(16).padStart(16, "0"), ...changes });
}

test("an export that is sent again is stored once, at once, later and after a restart", async (context) => {
  const directory = temporaryDirectory();
  const sent = Array.from({ length: 3_000 }, (_, number) =>
    numbered(number, { attributes: [{ key: "n", value: { type: "int", value: BigInt(number) } }] }),
  );
  const store = await openFor(context, directory);
  await Promise.all([store.append(sent), store.append(structuredClone(sent))]);
  await store.append([...sent.slice(0, 10), ...structuredClone(sent.slice(5, 15))]);
  assert.deepEqual(await store.counts(), { spans: 3_000, traces: 1 });
  await store.close();
  const again = await openFor(context, directory);
  await again.append(structuredClone(sent.slice(2_000)));
  await again.append([numbered(3_000), ...structuredClone(sent.slice(0, 2_500))]);
  assert.deepEqual(await again.counts(), { spans: 3_001, traces: 1 });
  assertSameSpans(await again.readTrace(sampleSpan().traceId), [...sent, numbered(3_000)]);
});

test("what differs in anything is kept", async (context) => {
  const store = await openFor(context);
  const { resource, scope } = sampleSpan();
  const variants = [
    sampleSpan(),
    sampleSpan({ kind: "client" }),
    sampleSpan({ traceId: `${"0".repeat(31)}1` }),
    sampleSpan({ startTimeUnixNano: startNs + 1n }),
    sampleSpan({ endTimeUnixNano: startNs + 1n }),
    sampleSpan({ droppedLinksCount: 1 }),
    sampleSpan({ attributes: [{ key: "x", value: { type: "int", value: 1n } }] }),
    sampleSpan({ attributes: [{ key: "x", value: { type: "double", value: 1 } }] }),
    sampleSpan({ resource: { ...resource, schemaUrl: "other" } }),
    sampleSpan({ scope: { ...scope, version: "2" } }),
    sampleSpan({ status: { code: "unset", message: "m" } }),
  ];
  for (const spans of [variants.slice(0, 5), variants, variants.toReversed()]) {
    await store.append(structuredClone(spans));
  }
  assert.deepEqual(await store.counts(), { spans: variants.length, traces: 2 });
});

test("text that is no Unicode is found again in the form that it was stored in", async (context) => {
  const store = await openFor(context);
  const sent = sampleSpan({
    name: "half a pair \ud800",
    attributes: [{ key: "\udc00", value: { type: "array", value: [{ type: "empty" }] } }],
  });
  await store.append([sent]);
  await store.append([structuredClone(sent)]);
  assert.deepEqual(await store.counts(), { spans: 1, traces: 1 });
});

test("a repeated span is found among others of quite other times", async (context) => {
  const store = await openFor(context);
  const at = (hour: number) =>
    numbered(hour, {
      startTimeUnixNano: startNs + BigInt(hour) * hourNs,
      endTimeUnixNano: startNs + BigInt(hour) * hourNs + 5n,
    });
  const stored = Array.from({ length: 60 }, (_, hour) => at(hour));
  await store.append(stored);
  const far = [
    numbered(90, { startTimeUnixNano: 0n, endTimeUnixNano: 0n }),
    numbered(91, { startTimeUnixNano: 2n ** 64n - 1n }),
  ];
  await store.append(far);
  for (const hours of [[3], [0, 59], [59, 1], stored.keys()]) {
    await store.append([...[...hours].map(at), ...structuredClone(far)]);
  }
  assert.deepEqual(await store.counts(), { spans: 62, traces: 1 });
});

test(`spans in any order, split, repeated and across restarts are each stored once (seed ${seed})`, async (context) => {
  const directory = temporaryDirectory();
  const traceId = "c".repeat(32);
  const random = fc.sample(fc.infiniteStream(fc.nat()), {
    seed,
    numRuns: 1,
  })[0] as Iterator<number>;
  const below = (limit: number) => (random.next().value as number) % limit;
  const sent = fc
    .sample(arbitrarySpan(miniserve), { seed, numRuns: 120 })
    .map((span) => ({ ...span, traceId }));
  const stream = Array.from({ length: 600 }, () => below(sent.length));
  const exports: Span[][] = [];
  for (let first = 0; first < stream.length; ) {
    const length = 1 + below(40);
    exports.push(stream.slice(first, first + length).map((index) => sent[index] as Span));
    first += length;
  }
  const half = exports.length / 2;
  for (const part of [exports.slice(0, half), exports.slice(half)]) {
    const store = await openStore([miniserve], { directory });
    await Promise.all(part.map((spans) => store.append(structuredClone(spans))));
    await store.close();
  }
  const store = await openFor(context, directory);
  const bySpanId = (spans: readonly Span[]) =>
    [...spans].sort((one, other) => (one.spanId < other.spanId ? -1 : 1));
  const expected = [...new Set(stream)].map((index) => sent[index] as Span);
  assertSameSpans(bySpanId(await store.readTrace(traceId)), bySpanId(expected));
});
