import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { openStore, type Store } from "./index.ts";

const { startTimeUnixNano: startNs } = sampleSpan();
const names = { first: "llm.tokens.out", second: "llm.model" };

function numbered(number: number) {
  return sampleSpan({
    traceId: `f${Math.floor(number / 10)
      .toString(16)
      .padStart(31, "0")}`,
    spanId: (number + 1).toString(16).padStart(16, "0"),
    parentSpanId: number % 10 === 0 ? null : "00000000000000aa",
    startTimeUnixNano: startNs + BigInt(number),
    endTimeUnixNano: startNs + BigInt(number) + 7n,
    kind: number % 2 === 0 ? "server" : "internal",
    attributes: [
      { key: names.first, value: { type: "int", value: BigInt(number) } },
      { key: names.second, value: { type: "string", value: `model ${number % 3}` } },
      { key: "of.others", value: { type: "double", value: 0.5 } },
    ],
    resource: {
      ...sampleSpan().resource,
      attributes: [{ key: "service.name", value: { type: "string", value: `s${number % 2}` } }],
    },
  });
}

async function openFor(context: TestContext, directory = temporaryDirectory()): Promise<Store> {
  const store = await openStore([miniserve], { directory });
  context.after(() => store.close());
  return store;
}

async function ask(sql: string): Promise<unknown[][]> {
  const database = await DuckDBInstance.create();
  const connection = await database.connect();
  const answer = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  database.closeSync();
  return answer;
}

test("everything is written in parts, and read back it is what was stored", async (context) => {
  const store = await openFor(context);
  const count = 110_000;
  for (let first = 0; first < count; first += 11_000) {
    await store.append(Array.from({ length: 11_000 }, (_, index) => numbered(first + index)));
  }
  const told: string[] = [];
  const files = await store.exportParquet({
    sinceNs: null,
    onFile: ({ path }) => told.push(path),
  });
  assert.deepEqual(
    told,
    files.map(({ path }) => path),
  );
  assert.deepEqual(
    files.map(({ table }) => table),
    ["spans", "spans", "resources", "scopes"],
  );
  const folder = dirname(told[0] ?? "");
  const spans = `'${folder}/spans-*.parquet'`;
  assert.equal(
    files.reduce((sum, { table, rows }) => sum + (table === "spans" ? rows : 0), 0),
    count,
  );
  assert.deepEqual(
    await ask(
      `SELECT count(*), count(DISTINCT span_id), count(parent_id), count(DISTINCT trace_id),
        sum("${names.first}:int"), min(start_ns), max(start_ns + duration_ns) FROM ${spans}`,
    ),
    [
      [
        BigInt(count),
        BigInt(count),
        BigInt(count * 0.9),
        BigInt(count / 10),
        (BigInt(count) * BigInt(count - 1)) / 2n,
        startNs,
        startNs + BigInt(count - 1) + 7n,
      ],
    ],
  );
  assert.deepEqual(
    await ask(
      `SELECT s.trace_id, s.span_id, s.parent_id, s.kind, s.status, s.service,
        s."${names.second}:string", s.attributes ->> '$."of.others"', r.attributes, c.name
       FROM ${spans} s JOIN '${folder}/resources.parquet' r ON r.id = s.resource_id
       JOIN '${folder}/scopes.parquet' c ON c.id = s.scope_id
       WHERE s.start_ns = ${startNs + 100_000n}`,
    ),
    [
      [
        numbered(100_000).traceId,
        numbered(100_000).spanId,
        null,
        "server",
        "unset",
        "s0",
        `model ${100_000 % 3}`,
        "0.5",
        '{"service.name":"s0"}',
        sampleSpan().scope.name,
      ],
    ],
  );
});

test("only later spans, with what they share; and nothing at all is a file too", async (context) => {
  const directory = temporaryDirectory();
  const store = await openFor(context, directory);
  await store.append([0, 2, 4, 5].map(numbered));
  const [spans, resources] = await store.exportParquet({ sinceNs: startNs + 5n });
  assert.deepEqual([spans?.rows, resources?.rows], [1, 1]);
  const nothing = await store.exportParquet({ sinceNs: startNs + 6n });
  assert.deepEqual(
    nothing.map(({ rows }) => rows),
    [0, 0, 0],
  );
  assert.deepEqual(await ask(`SELECT count(*) FROM '${nothing[0]?.path}'`), [[0n]]);
  await store.close();
  // What nobody took is gone after the next start.
  const again = await openFor(context, directory);
  assert.ok(!existsSync(join(directory, "exports")));
  assert.deepEqual(await again.counts(), { spans: 4, traces: 1 });
});

test("an export that is not wanted any more leaves nothing behind", async (context) => {
  const directory = temporaryDirectory();
  const store = await openFor(context, directory);
  await store.append([0, 1].map(numbered));
  const leaver = new AbortController();
  const exporting = store.exportParquet({
    sinceNs: null,
    signal: leaver.signal,
    onFile: () => leaver.abort(new Error("left")),
  });
  await assert.rejects(exporting, /left/);
  assert.deepEqual(readdirSync(join(directory, "exports")), []);
});

test("the database writes and reads nowhere else", async (context) => {
  const directory = temporaryDirectory();
  const store = await openFor(context, directory);
  const elsewhere = join(directory, "elsewhere.parquet");
  for (const sql of [
    `COPY (SELECT 1) TO '${elsewhere}' (FORMAT parquet)`,
    `COPY (SELECT 1) TO '${join(directory, "exports", "..", "elsewhere.parquet")}' (FORMAT parquet)`,
    `FROM read_text('${import.meta.filename}')`,
    "SET enable_external_access = true",
    "ATTACH ':memory:' AS other; SET lock_configuration = false",
  ]) {
    await assert.rejects(store.read(sql), /Permission|disabled|locked|Cannot/, sql);
  }
  assert.ok(!existsSync(elsewhere));
});
