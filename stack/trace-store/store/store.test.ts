import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Contract, double, int, type KeyValue, string, type Value } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { assertSameSpans } from "../testing/assert-same-spans.ts";
import { bakery } from "../testing/bakery.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { openStore, type Store } from "./index.ts";

const { traceId } = sampleSpan();

async function openFor(
  context: TestContext,
  contract: Contract = miniserve,
): Promise<{ store: Store; directory: string }> {
  const directory = temporaryDirectory();
  const store = await openStore([contract], { directory });
  context.after(() => store.close());
  return { store, directory };
}

/** What the file of a closed store answers. */
async function ask(directory: string, sql: string): Promise<unknown[][]> {
  const database = await DuckDBInstance.create(join(directory, "traces.duckdb"));
  const connection = await database.connect();
  const answer = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  database.closeSync();
  return answer;
}

function attribute(key: string, value: Value): KeyValue {
  return { key, value };
}

test("a double of the contract that arrives as an integer stays one, in a column too", async (context) => {
  const { store, directory } = await openFor(context);
  const { key } = miniserve.attributes.meanStepMs;
  const attributes = [attribute(key, { type: "int", value: 38n })];
  await store.append([sampleSpan({ attributes })]);
  const [read] = await store.readTrace(traceId);
  assert.deepEqual(read?.attributes, attributes);
  await store.close();
  assert.deepEqual(await ask(directory, `SELECT "${key}:double", "${key}:int" FROM spans`), [
    [null, 38n],
  ]);
});

test("an attribute of the contract with another type stays what it is, beside the column", async (context) => {
  const { store, directory } = await openFor(context);
  const { key } = miniserve.attributes.tokensOut;
  const attributes = [
    attribute(key, { type: "string", value: "many" }),
    attribute(key, { type: "int", value: 3n }),
  ];
  await store.append([sampleSpan({ attributes })]);
  const [read] = await store.readTrace(traceId);
  assert.deepEqual(read?.attributes, attributes);
  await store.close();
  // Of a key that stands twice the first counts, so the second is not in the column.
  assert.deepEqual(
    await ask(
      directory,
      `SELECT "${key}:int", json_extract_string(attributes, '$."${key}"') FROM spans`,
    ),
    [[null, "many"]],
  );
});

test("what is written can be asked with DuckDB's JSON, whatever it holds", async (context) => {
  const { store, directory } = await openFor(context);
  const attributes = [
    attribute("half", { type: "string", value: "half a pair \ud800" }),
    attribute("zero", { type: "string", value: "a\u0000b" }),
    attribute("nan", { type: "double", value: Number.NaN }),
    attribute("infinite", { type: "double", value: Number.NEGATIVE_INFINITY }),
    attribute("whole", { type: "double", value: 3 }),
    attribute("huge", { type: "double", value: 1e300 }),
    attribute("least", { type: "int", value: -(2n ** 63n) }),
    attribute("deep", { type: "map", value: [attribute("a.b", { type: "empty" })] }),
  ];
  await store.append([
    sampleSpan({
      attributes,
      events: [{ timeUnixNano: 5n, name: "e", attributes, droppedAttributesCount: 0 }],
    }),
  ]);
  await store.close();
  const asked = await ask(
    directory,
    `SELECT list_transform(json_keys(attributes), key -> json_type(attributes, '$."' || key || '"')),
      events ->> '$[0].name', CAST(events -> '$[0].attributes.least' AS BIGINT)
     FROM spans`,
  );
  assert.equal(
    JSON.stringify(asked, (_key, value) => (typeof value === "bigint" ? String(value) : value)),
    JSON.stringify([
      [
        {
          items: ["VARCHAR", "VARCHAR", "DOUBLE", "DOUBLE", "DOUBLE", "DOUBLE", "BIGINT", "OBJECT"],
        },
        "e",
        String(-(2n ** 63n)),
      ],
    ]),
  );
});

test("a span that ends before it starts is read as it was sent, and lasts 0 for queries", async (context) => {
  const { store, directory } = await openFor(context);
  const sent = sampleSpan({ startTimeUnixNano: 2_000n, endTimeUnixNano: 1_000n });
  await store.append([sent]);
  assert.deepEqual(await store.readTrace(traceId), [sent]);
  await store.close();
  assert.deepEqual(await ask(directory, "SELECT start_ns, duration_ns FROM spans"), [[2_000n, 0n]]);
});

test("a span that is sent again is read once; one that only has the same id stays", async (context) => {
  const { store } = await openFor(context);
  const client = sampleSpan({ kind: "client" });
  const server = sampleSpan({ kind: "server" });
  await store.append([client]);
  await store.append([client, server]);
  await store.append([structuredClone(server)]);
  assert.deepEqual(await store.readTrace(traceId), [client, server]);
  assert.deepEqual(await store.readTrace("0".repeat(32)), []);
});

test("many exports at once are committed, each whole, and read at once", async (context) => {
  const { store } = await openFor(context);
  const exports = Array.from({ length: 60 }, (_, index) =>
    Array.from({ length: 100 }, (_span, position) =>
      sampleSpan({
        traceId: (index + 1).toString(16).padStart(32, "0"),
        spanId: (position + 1).toString(16).padStart(16, "0"),
      }),
    ),
  );
  await Promise.all(
    exports.map(async (spans) => {
      await store.append(spans);
      assertSameSpans(await store.readTrace(spans[0]?.traceId ?? ""), spans);
    }),
  );
  assert.deepEqual(await store.counts(), { spans: 6_000, traces: 60 });
});

test("the catalogue says which attributes there are, and the shared rows are written once", async (context) => {
  const { store, directory } = await openFor(context);
  const event = {
    timeUnixNano: 1n,
    name: "e",
    attributes: [attribute("of.event", { type: "bool", value: true })],
    droppedAttributesCount: 0,
  };
  const sent = sampleSpan({
    attributes: [attribute("of.span", { type: "double", value: 1 })],
    events: [event],
  });
  for (let round = 0; round < 3; round += 1) {
    await store.append([sent, structuredClone(sent)]);
  }
  await store.close();
  assert.deepEqual(
    await ask(directory, "SELECT scope, key, type FROM attribute_catalog ORDER BY key"),
    [
      ["event", "of.event", "bool"],
      ["span", "of.span", "double"],
      ["resource", "service.name", "string"],
    ],
  );
  assert.deepEqual(await ask(directory, "SELECT count(*) FROM resources"), [[1n]]);
  const again = await openStore([miniserve], { directory });
  await again.append([sent]);
  await again.close();
  assert.deepEqual(
    await ask(directory, "SELECT (SELECT count(*) FROM resources), (SELECT count(*) FROM scopes)"),
    [[1n, 1n]],
  );
});

test("resources and scopes of several services are kept apart, across openings too", async () => {
  const directory = temporaryDirectory();
  const name = (service: string) => attribute("service.name", { type: "string", value: service });
  const sent = ["a", "b", "c", "a"].map((service, index) =>
    sampleSpan({
      spanId: (index + 1).toString(16).padStart(16, "0"),
      resource: { ...sampleSpan().resource, attributes: [name(service)] },
      scope: { ...sampleSpan().scope, name: `tracer of ${service}`, version: String(index) },
    }),
  );
  for (const spans of [sent.slice(0, 2), sent.slice(2)]) {
    const store = await openStore([miniserve], { directory });
    await store.append(spans);
    await store.close();
  }
  const store = await openStore([miniserve], { directory });
  assert.deepEqual(await store.readTrace(traceId), sent);
  await store.close();
  assert.deepEqual(
    await ask(directory, "SELECT service, count(*) FROM spans GROUP BY ALL ORDER BY ALL"),
    [
      ["a", 2n],
      ["b", 1n],
      ["c", 1n],
    ],
  );
});

test("a contract that grew, or changed a type, finds what was stored before", async () => {
  const directory = temporaryDirectory();
  const sent = sampleSpan({
    attributes: [
      attribute("oven.heat", { type: "int", value: 180n }),
      attribute("oven.kind", { type: "string", value: "gas" }),
    ],
  });
  const heatInt = int("oven.heat", { brief: "How hot.", examples: [180] });
  const heatDouble = double("oven.heat", { brief: "How hot.", examples: [180.5] });
  const kind = string("oven.kind", { brief: "What it burns.", examples: ["gas"] });
  const contracts = [
    bakery({ heat: heatInt }),
    bakery({ heat: heatInt, kind }),
    bakery({ heat: heatDouble, kind }),
    bakery({ kind }),
  ];
  for (const [index, contract] of contracts.entries()) {
    const store = await openStore([contract], { directory });
    await store.append([{ ...sent, spanId: (index + 1).toString(16).padStart(16, "0") }]);
    await store.close();
  }
  const store = await openStore([bakery({ heat: heatInt })], { directory });
  const heats = (await store.readTrace(traceId)).map((read) => {
    assert.deepEqual(read.attributes[1], sent.attributes[1]);
    return read.attributes[0]?.value;
  });
  await store.close();
  assert.deepEqual(heats, [
    { type: "int", value: 180n },
    { type: "int", value: 180n },
    { type: "int", value: 180n },
    { type: "int", value: 180n },
  ]);
});

test("a store that is closed says so, and closing twice is fine", async (context) => {
  const { store } = await openFor(context);
  const running = [store.append([sampleSpan()]), store.readTrace(traceId).catch((error) => error)];
  await Promise.all([store.close(), store.close()]);
  await Promise.all(running);
  await assert.rejects(store.append([sampleSpan()]), { code: "store_closed" });
  await assert.rejects(store.readTrace(traceId), { code: "store_closed" });
  await assert.rejects(store.check(), { code: "store_closed" });
});
