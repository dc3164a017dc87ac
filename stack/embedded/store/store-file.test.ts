import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { miniserve } from "#contract";
import { sampleSpan } from "../testing/sample-span.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { openStore, StoreError } from "./index.ts";

const fileName = "traces.duckdb";

async function opening(directory: string): Promise<StoreError> {
  try {
    const store = await openStore(miniserve, { directory });
    await store.close();
  } catch (error) {
    assert.ok(error instanceof StoreError, String(error));
    return error;
  }
  assert.fail("the store was opened");
}

async function runSql(file: string, sql: string): Promise<void> {
  const database = await DuckDBInstance.create(file);
  const connection = await database.connect();
  await connection.run(sql);
  connection.closeSync();
  database.closeSync();
}

test("the same directory opened twice in one process is refused", async () => {
  const directory = temporaryDirectory();
  const store = await openStore(miniserve, { directory });
  assert.equal((await opening(directory)).code, "store_in_use");
  assert.equal(
    (await opening(join(directory, "..", directory.split("/").at(-1) ?? ""))).code,
    "store_in_use",
  );
  await store.append([sampleSpan()]);
  await store.close();
  await (await openStore(miniserve, { directory })).close();
});

test("a second process is refused, and the first goes on", async () => {
  const directory = temporaryDirectory();
  const store = await openStore(miniserve, { directory });
  const script = join(import.meta.dirname, "..", "testing", "stack-process.ts");
  const second = spawn(process.execPath, [...process.execArgv, script, directory]);
  const errors = second.stderr.toArray();
  const [code] = await once(second, "exit");
  assert.notEqual(code, 0);
  assert.match(String(Buffer.concat(await errors)), /store_in_use[\s\S]*|is open in PID \d+/);
  await store.append([sampleSpan()]);
  assert.equal((await store.readTrace(sampleSpan().traceId)).length, 1);
  await store.close();
});

test("what is no database, or a damaged one, is set aside with all of its bytes", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, fileName);
  const whole = join(directory, "whole");
  await (await openStore(miniserve, { directory })).close();
  copyFileSync(file, whole);
  const damaged = readFileSync(whole);
  damaged.fill(0xff, 100, 200);
  for (const content of [Buffer.from("a note to myself"), Buffer.alloc(0), damaged]) {
    writeFileSync(file, content);
    const error = await opening(directory);
    assert.equal(error.code, "store_damaged");
    const [, aside = ""] = /kept as (\S+)\. /.exec(error.message) ?? [];
    assert.deepEqual(readFileSync(aside), content);
    assert.ok(!existsSync(file));
    await (await openStore(miniserve, { directory })).close();
  }
});

test("a database of something else is set aside", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, fileName);
  await runSql(file, "CREATE TABLE recipes AS SELECT 'bread' AS name");
  const error = await opening(directory);
  assert.equal(error.code, "store_foreign");
  const [aside] = readdirSync(directory).filter((name) => name.includes("store_foreign"));
  assert.ok(aside && error.message.includes(aside));
  await runSql(join(directory, aside), "SELECT name FROM recipes");
  await (await openStore(miniserve, { directory })).close();
});

test("a file of a newer version is refused and left as it is", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, fileName);
  await (await openStore(miniserve, { directory })).close();
  await runSql(file, "UPDATE meta SET schema_version = 99");
  assert.equal((await opening(directory)).code, "store_too_new");
  assert.deepEqual(readdirSync(directory), [fileName]);
  await runSql(file, "UPDATE meta SET schema_version = 2");
  await (await openStore(miniserve, { directory })).close();
});

test("a directory that cannot be used is said, and nothing is moved", async () => {
  const directory = temporaryDirectory();
  const inTheWay = join(directory, "a-file");
  writeFileSync(inTheWay, "");
  assert.equal((await opening(join(inTheWay, "data"))).code, "store_not_accessible");
  if (process.getuid?.() !== 0) {
    chmodSync(directory, 0o500);
    assert.equal((await opening(directory)).code, "store_not_accessible");
    chmodSync(directory, 0o700);
  }
});
