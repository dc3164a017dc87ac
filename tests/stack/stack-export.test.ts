import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Span, writeResourceSpans } from "#contract";
import { sampleSpan } from "../../stack/trace-store/testing/sample-span.ts";
import { send } from "../../stack/trace-store/testing/send.ts";
import { stackUnderTest } from "./stack-under-test.ts";

const timeout = 180_000;

function createOldSpan(hours: number, number: number): Span {
  const start = BigInt(Date.now() - hours * 3_600_000) * 1_000_000n;
  return sampleSpan({
    spanId: (number + 1).toString(16).padStart(16, "0"),
    name: `span ${number}`,
    startTimeUnixNano: start,
    endTimeUnixNano: start + 5_000_000n,
  });
}

async function ask(sql: string): Promise<unknown[][]> {
  const database = await DuckDBInstance.create();
  const connection = await database.connect();
  const answer = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  database.closeSync();
  return answer;
}

test("what is stored is written as Parquet, while the stack runs and when it does not", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  const run = (...more: string[]) => stack.run("scripts/stack-export.ts", ...more);
  const folder = (name: string) => join(stack.environment.STACK_DIR ?? "", name);
  const nothing = await run("--parquet", folder("nothing"));
  assert.equal(nothing.exitCode, 2);
  assert.match(nothing.stderr, /file_unreadable[\s\S]*stack:up/);
  assert.equal((await run()).exitCode, 2);

  await stack.run("stack/up.ts", "--no-server");
  const spans = [0, 1, 2, 30].map(createOldSpan);
  const sent = await fetch(`http://127.0.0.1:${stack.ports.OTLP_HTTP_PORT}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: writeResourceSpans(spans, "otlp") }),
  });
  assert.equal(sent.status, 200);

  const running = await run("--parquet", folder("all"), "--json");
  assert.equal(running.exitCode, 0, running.stderr);
  const report = JSON.parse(running.stdout);
  assert.deepEqual([report.from, report.spans], ["running store", 4]);
  assert.match(running.stderr, /spans-00001\.parquet: 4 rows/);
  assert.deepEqual(readdirSync(folder("all")).sort(), [
    "resources.parquet",
    "scopes.parquet",
    "spans-00001.parquet",
  ]);
  assert.deepEqual(
    await ask(
      `SELECT span_id, name, start_ns FROM '${folder("all")}/spans-*.parquet' ORDER BY name`,
    ),
    spans.map((span) => [span.spanId, span.name, span.startTimeUnixNano]),
  );
  const twice = await run("--parquet", folder("all"));
  assert.equal(twice.exitCode, 2);
  assert.match(twice.stderr, /holds an export already.*file_unwritable/);

  const some = await run("--parquet", folder("some"), "--since", "1h30m", "--json");
  assert.equal(JSON.parse(some.stdout).spans, 2);

  await stack.run("stack/down.ts");
  const stopped = await run("--parquet", folder("stopped"));
  assert.equal(stopped.exitCode, 0, stopped.stderr);
  assert.match(stopped.stdout, /4 spans were written, from the store's file/);
  assert.deepEqual(await ask(`SELECT count(*) FROM '${folder("stopped")}/spans-*.parquet'`), [
    [4n],
  ]);
});

test("only a POST of this machine begins an export", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  await stack.run("stack/up.ts", "--no-server");
  const port = stack.ports.TEMPO_PORT;
  const path = "/export/parquet";
  assert.equal((await send({ port, path })).status, 405);
  const origin = { origin: "http://example.com" };
  assert.equal((await send({ port, path, method: "POST", headers: origin })).status, 403);
  const host = { host: "example.com" };
  assert.equal((await send({ port, path, method: "POST", headers: host })).status, 421);
  assert.equal((await send({ port, path: `${path}?since_ns=1h`, method: "POST" })).status, 400);
  assert.ok(!existsSync(join(stack.environment.STACK_DIR ?? "", "data", "exports")));
  const { body } = await send({ port, path, method: "POST" });
  assert.match(String(body), /^(\{"table".*\}\n){3}\{"done":true\}\n$/);
});
