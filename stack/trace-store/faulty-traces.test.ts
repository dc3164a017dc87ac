import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { KeyValue, Span } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { openStore, type Store } from "./store/index.ts";
import { assertSameSpans } from "./testing/assert-same-spans.ts";
import { sampleSpan } from "./testing/sample-span.ts";
import { createTraceqlEngine, type FoundTrace } from "./traceql/index.ts";

/** Traces as they should not be and are: each is stored, read as it was sent, and found by queries. */

const { traceId, startTimeUnixNano: startNs } = sampleSpan();
const secondNs = 1_000_000_000n;

interface Opened {
  readonly store: Store;
  readonly search: (query: string) => Promise<FoundTrace[]>;
  /** The names of the spans that a query finds, sorted. */
  readonly names: (query: string) => Promise<string[]>;
}

async function open(context: TestContext): Promise<Opened> {
  const store = await openStore([miniserve], { directory: temporaryDirectory() });
  context.after(() => store.close());
  const engine = createTraceqlEngine(store);
  const search = (query: string) =>
    engine.search(query, { startNs: null, endNs: null, limit: 20, spansPerSpanset: 20_000 });
  const names = async (query: string) => {
    const found = await search(`${query} | select(name)`);
    return found
      .flatMap(({ spansets }) =>
        spansets.flatMap(({ spans }) => spans.map(({ name }) => name ?? "")),
      )
      .sort();
  };
  return { store, search, names };
}

const formatId = (number: number) => number.toString(16).padStart(16, "0");

/** A span of one second whose name is its number; number 0 is no parent. */
function numbered(number: number, parent: number, changes: Partial<Span> = {}): Span {
  const start = startNs + BigInt(number) * 1_000n;
  return sampleSpan({
    spanId: formatId(number),
    parentSpanId: parent === 0 ? null : formatId(parent),
    name: String(number),
    startTimeUnixNano: start,
    endTimeUnixNano: start + secondNs,
    ...changes,
  });
}

test("spans that come late, in any order, are related to those that were there", async (context) => {
  const { store, search, names } = await open(context);
  const sent = [numbered(4, 3), numbered(3, 2), numbered(5, 2), numbered(2, 1)];
  for (const span of sent) {
    await store.append([span]);
  }
  // The root is still on its way.
  assert.deepEqual(await names('{ name = "2" } >> { }'), ["3", "4", "5"]);
  const [early] = await search("{ }");
  assert.deepEqual(
    [early?.rootServiceName, early?.rootSpanName],
    ["<root span not yet received>", ""],
  );
  const root = numbered(1, 0, { startTimeUnixNano: startNs - 90_000n * secondNs });
  await store.append([root]);
  assert.deepEqual(await names('{ name = "1" } >> { }'), ["2", "3", "4", "5"]);
  assert.deepEqual(await names('{ } ~ { name = "3" }'), ["3"]);
  const [whole] = await search("{ }");
  assert.deepEqual([whole?.rootSpanName, whole?.startNs], ["1", root.startTimeUnixNano]);
  const byNumber = [...sent, root].sort((one, other) => Number(one.name) - Number(other.name));
  assert.deepEqual(await store.readTrace(traceId), byNumber);
});

test("clocks that differ make no span and no trace shorter than nothing", async (context) => {
  const { store, search, names } = await open(context);
  const backwards = numbered(1, 0, { endTimeUnixNano: startNs - 5n * secondNs });
  const beforeItsParent = numbered(2, 1, { startTimeUnixNano: startNs - secondNs });
  await store.append([backwards, beforeItsParent]);
  assertSameSpans(await store.readTrace(traceId), [beforeItsParent, backwards]);
  assert.deepEqual(await names("{ duration = 0s }"), ["1"]);
  assert.deepEqual(await names("{ duration < 0s }"), []);
  assert.deepEqual(await names('{ name = "1" } > { }'), ["2"]);
  const [found] = await search("{ }");
  assert.equal(found?.startNs, beforeItsParent.startTimeUnixNano);
  assert.equal(found?.durationNs, 2n * secondNs + 2_000n);
});

test("parents in a circle end every question about relations", async (context) => {
  const { store, names } = await open(context);
  const circle = [numbered(1, 3), numbered(2, 1), numbered(3, 2), numbered(4, 4), numbered(5, 2)];
  await store.append(circle);
  assert.deepEqual(await store.readTrace(traceId), circle);
  assert.deepEqual(await names('{ name = "1" } >> { }'), ["1", "2", "3", "5"]);
  assert.deepEqual(await names('{ name = "5" } << { }'), ["1", "2", "3"]);
  // None is its own child.
  assert.deepEqual(await names('{ name = "4" } > { }'), []);
  assert.deepEqual(await names('{ name = "1" } !>> { name = "4" }'), ["4"]);
  assert.deepEqual(await names("{ nestedSetParent = -1 }"), []);
});

test("a trace of 10,000 spans is read whole, and asked about", async (context) => {
  const { store, search } = await open(context);
  const spans = Array.from({ length: 10_000 }, (_, index) =>
    numbered(index + 1, Math.ceil(index / 10), {
      attributes: [{ key: "n", value: { type: "int", value: BigInt(index) } }],
    }),
  );
  // Every tenth export first, as batches of a busy sender come.
  for (let remainder = 9; remainder >= 0; remainder -= 1) {
    await store.append(spans.filter((_span, index) => index % 10 === remainder));
  }
  assertSameSpans(await store.readTrace(traceId), spans);
  const matched = async (query: string) => (await search(query))[0]?.spansets[0]?.matched;
  assert.equal(await matched("{ } | count() = 10000"), 10_000);
  assert.equal(await matched('{ name = "1" } >> { }'), 9_999);
  assert.equal(await matched("{ span.n >= 9990 } << { }"), 5);
  assert.equal(await matched("{ } > { span.n > 9000 }"), 999);
});

test("a trace of several services is one trace, with what each has of it", async (context) => {
  const { store, search, names } = await open(context);
  const of = (service: string, number: number, parent: number, changes: Partial<Span> = {}) => {
    const name: KeyValue = { key: "service.name", value: { type: "string", value: service } };
    const resource = { ...sampleSpan().resource, attributes: service === "" ? [] : [name] };
    return numbered(number, parent, { resource, ...changes });
  };
  const error = { status: { code: "error", message: "broke" } } as const;
  const sent = [of("gate", 1, 0), of("shop", 2, 1, error), of("shop", 3, 2), of("", 4, 3)];
  for (const span of sent.toReversed()) {
    await store.append([span]);
  }
  assert.deepEqual(await store.readTrace(traceId), sent);
  const [found] = await search("{ }");
  assert.equal(found?.rootServiceName, "gate");
  const services = [...(found?.services ?? [])].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  assert.deepEqual(
    services.filter(({ name }) => name !== ""),
    [
      { name: "gate", spanCount: 1, errorCount: 0 },
      { name: "shop", spanCount: 2, errorCount: 1 },
    ],
  );
  assert.deepEqual(
    await names('{ resource.service.name = "gate" } >> { resource.service.name = "shop" }'),
    ["2", "3"],
  );
  assert.deepEqual(await names("{ resource.service.name = nil }"), ["4"]);
});

test("empty keys, values, names and ids of nothing are kept apart from none", async (context) => {
  const { store, names } = await open(context);
  const text = (key: string, value: string): KeyValue => ({
    key,
    value: { type: "string", value },
  });
  const sent = [
    numbered(1, 0, { attributes: [text("", "of an empty key"), text("a", "")] }),
    numbered(2, 0, { attributes: [text("a", " "), { key: "b", value: { type: "empty" } }] }),
    numbered(3, 0, { name: "", attributes: [{ key: "a", value: { type: "array", value: [] } }] }),
    numbered(4, 0, {
      attributes: [text("llm.model", ""), { key: "m", value: { type: "map", value: [] } }],
    }),
  ];
  await store.append(sent);
  assert.deepEqual(await store.readTrace(traceId), sent);
  assert.deepEqual(await names('{ span.a = "" }'), ["1"]);
  assert.deepEqual(await names('{ span.a =~ ".*" }'), ["1", "2"]);
  assert.deepEqual(await names('{ span.llm.model = "" }'), ["4"]);
  assert.deepEqual(await names('{ name = "" }'), [""]);
  const [keys] = await store.read(
    "SELECT DISTINCT key FROM attribute_catalog WHERE scope = 'span' ORDER BY key",
  );
  assert.deepEqual(keys, ["", "a", "b", "llm.model", "m"]);
});
