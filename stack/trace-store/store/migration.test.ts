import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { boolean, type Contract, double, int, type KeyValue, type Span, string } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { arbitrarySpan } from "../testing/arbitrary-span.ts";
import { assertSameSpans } from "../testing/assert-same-spans.ts";
import { bakery } from "../testing/bakery.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { createTraceqlEngine } from "../traceql/index.ts";
import { openStore } from "./index.ts";

const seed = 20_251_110;
const { traceId } = sampleSpan();

async function runSql(directory: string, sql: string): Promise<unknown[][]> {
  const database = await DuckDBInstance.create(join(directory, "traces.duckdb"));
  const connection = await database.connect();
  const answer = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  database.closeSync();
  return answer;
}

async function store(contract: Contract, directory: string, spans: readonly Span[]): Promise<void> {
  const opened = await openStore([contract], { directory });
  await opened.append(spans);
  await opened.close();
}

function numbered(number: number, attributes: KeyValue[]): Span {
  return sampleSpan({
    spanId: (number + 1).toString(16).padStart(16, "0"),
    startTimeUnixNano: sampleSpan().startTimeUnixNano + BigInt(number),
    attributes,
  });
}

const examples = {
  heat: int("oven.heat", { brief: "How hot.", examples: [180] }),
  crust: double("crust_mm", { brief: "How thick.", examples: [1.5] }),
  kind: string("oven.kind", { brief: "What it burns.", examples: ["gas"] }),
  done: boolean("done", { brief: "Whether it is baked." }),
};

test("a new attribute of the contract has its column filled from what was stored before", async () => {
  const directory = temporaryDirectory();
  const { key: heat } = examples.heat;
  const { key: crust } = examples.crust;
  const { key: kind } = examples.kind;
  const other = { key: "other", value: { type: "empty" } } as const;
  const sent: [KeyValue[], unknown[]][] = [
    [
      [{ key: heat, value: { type: "int", value: 2n ** 63n - 1n } }],
      [2n ** 63n - 1n, null, null, null, null],
    ],
    [
      [other, { key: crust, value: { type: "double", value: Number.NaN } }, other],
      [null, Number.NaN, null, null, null],
    ],
    [[{ key: crust, value: { type: "double", value: -0.5 } }], [null, -0.5, null, null, null]],
    [[{ key: crust, value: { type: "int", value: 2n } }], [null, null, 2n, null, null]],
    [
      [{ key: kind, value: { type: "string", value: 'a "b" \u0000 \\ ü' } }],
      [null, null, null, 'a "b" \u0000 \\ ü', null],
    ],
    [[{ key: "done", value: { type: "bool", value: false } }], [null, null, null, null, false]],
    // Another type, an unlike place, and a key of which the first does not fit.
    [[{ key: heat, value: { type: "double", value: 1 } }], [null, null, null, null, null]],
    [
      [
        {
          key: "m",
          value: { type: "map", value: [{ key: heat, value: { type: "int", value: 1n } }] },
        },
      ],
      [null, null, null, null, null],
    ],
    [
      [
        { key: heat, value: { type: "string", value: "hot" } },
        { key: heat, value: { type: "int", value: 1n } },
      ],
      [null, null, null, null, null],
    ],
  ];
  const spans = sent.map(([attributes], number) => numbered(number, attributes));
  await store(bakery({}), directory, spans);
  const grown = await openStore([bakery(examples)], { directory });
  assert.deepEqual(await grown.readTrace(traceId), spans);
  const columns = [
    `${heat}:int`,
    `${crust}:double`,
    `${crust}:int`,
    `${kind}:string`,
    "done:boolean",
  ];
  const filled = await grown.read(
    `SELECT ${columns.map((name) => `"${name}"`).join(", ")} FROM spans ORDER BY span_id`,
  );
  assert.deepEqual(
    spans.map((_span, row) => filled.map((column) => column[row])),
    sent.map(([, cells]) => cells),
  );
  // What is sent again is still the same, although it would be stored otherwise now.
  await grown.append(structuredClone(spans));
  assert.deepEqual(await grown.counts(), { spans: spans.length, traces: 1 });
  await grown.close();
});

test(`a trace is read as it was sent under any number of contracts (seed ${seed})`, async () => {
  const directory = temporaryDirectory();
  const sent = fc
    .sample(arbitrarySpan(miniserve), { seed, numRuns: 60 })
    .map((span, number) => ({ ...numbered(number, []), attributes: span.attributes }));
  const half = {
    ...miniserve,
    attributes: Object.fromEntries(Object.entries(miniserve.attributes).slice(0, 12)),
  };
  const contracts = [{ ...miniserve, attributes: {} }, half, miniserve, half] as Contract[];
  for (const [index, contract] of contracts.entries()) {
    await store(contract, directory, sent.slice(index * 15, index * 15 + 15));
  }
  const last = await openStore([miniserve], { directory });
  assertSameSpans(await last.readTrace(traceId), sent);
  await last.append(structuredClone(sent));
  assert.deepEqual(await last.counts(), { spans: 60, traces: 1 });
  await last.close();
});

test("an attribute that the contract lost is found in old spans and in new ones", async () => {
  const directory = temporaryDirectory();
  const createHeat = (number: number, value: bigint) =>
    numbered(number, [{ key: examples.heat.key, value: { type: "int", value } }]);
  await store(bakery(examples), directory, [createHeat(1, 180n), createHeat(2, 90n)]);
  await store(bakery({ done: examples.done }), directory, [
    createHeat(3, 200n),
    createHeat(4, 80n),
  ]);
  const opened = await openStore([bakery({})], { directory });
  const engine = createTraceqlEngine(opened);
  const [found] = await engine.search("{ span.oven.heat > 100 }", {
    startNs: null,
    endNs: null,
    limit: 5,
    spansPerSpanset: 9,
  } as Parameters<typeof engine.search>[1]);
  assert.equal(found?.spansets[0]?.spans.length, 2);
  await opened.close();
});

test("a file of version 1 loses its repeated spans, and nothing else", async () => {
  const directory = temporaryDirectory();
  const sent = Array.from({ length: 1_300 }, (_, number) =>
    numbered(number, [{ key: "llm.tokens.out", value: { type: "int", value: BigInt(number) } }]),
  );
  const alike = { ...(sent[7] as Span), kind: "client" as const };
  await store(miniserve, directory, [...sent, alike]);
  await runSql(directory, "INSERT INTO spans SELECT * FROM spans");
  await runSql(directory, "INSERT INTO spans SELECT * FROM spans WHERE span_id < 100");
  await runSql(directory, "UPDATE meta SET schema_version = 1");
  const opened = await openStore([miniserve], { directory });
  assertSameSpans(await opened.readTrace(traceId), [...sent.slice(0, 8), alike, ...sent.slice(8)]);
  assert.deepEqual(await opened.counts(), { spans: 1_301, traces: 1 });
  await opened.close();
  assert.deepEqual(await runSql(directory, "SELECT schema_version FROM meta"), [[2]]);
});
