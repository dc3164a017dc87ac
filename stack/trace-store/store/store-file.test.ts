import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { openStore, StoreError } from "./index.ts";

const fileName = "traces.duckdb";
const logName = `${fileName}.wal`;

async function opening(directory: string): Promise<StoreError> {
  try {
    const store = await openStore([miniserve], { directory });
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
  const store = await openStore([miniserve], { directory });
  assert.equal((await opening(directory)).code, "store_in_use");
  assert.equal(
    (await opening(join(directory, "..", directory.split("/").at(-1) ?? ""))).code,
    "store_in_use",
  );
  await store.append([sampleSpan()]);
  await store.close();
  await (await openStore([miniserve], { directory })).close();
});

test("a second process is refused, and the first goes on", async () => {
  const directory = temporaryDirectory();
  const store = await openStore([miniserve], { directory });
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
  await (await openStore([miniserve], { directory })).close();
  copyFileSync(file, whole);
  const damaged = readFileSync(whole);
  damaged.fill(0xff, 100, 200);
  for (const content of [Buffer.from("a note to myself"), Buffer.alloc(0), damaged]) {
    writeFileSync(file, content);
    const error = await opening(directory);
    assert.equal(error.code, "store_damaged");
    const [, aside = ""] = /kept as (\S+)\. /.exec(error.toLine()) ?? [];
    assert.deepEqual(readFileSync(aside), content);
    assert.ok(!existsSync(file));
    await (await openStore([miniserve], { directory })).close();
  }
});

/** A store of 20,000 spans in the file and 2,000 in the log, as a killed process leaves it. */
async function storeWithLog(context: TestContext): Promise<string> {
  const directory = temporaryDirectory();
  const spans = (part: number) =>
    Array.from({ length: part === 0 ? 20_000 : 500 }, (_, number) =>
      sampleSpan({ spanId: (part * 100_000 + number + 1).toString(16).padStart(16, "0") }),
    );
  const first = await openStore([miniserve], { directory });
  await first.append(spans(0));
  await first.close();
  const second = await openStore([miniserve], { directory });
  context.after(() => second.close());
  for (const part of [1, 2, 3, 4]) {
    await second.append(spans(part));
  }
  const copy = temporaryDirectory();
  for (const name of [fileName, logName]) {
    copyFileSync(join(directory, name), join(copy, name));
  }
  return copy;
}

function changed(content: Buffer, at: number): Buffer {
  const copy = Buffer.from(content);
  copy.fill(0xff, Math.floor(at), Math.floor(at) + 50);
  return copy;
}

test("a file or a log that is cut off or changed is set aside as it was found", async (context) => {
  const left = await storeWithLog(context);
  const file = readFileSync(join(left, fileName));
  const log = readFileSync(join(left, logName));
  const damages: [file: Buffer, log: Buffer][] = [
    [file, changed(log, log.length / 20)],
    [file, changed(log, log.length / 2)],
    [file.subarray(0, 2_000), log],
    [file.subarray(0, file.length / 2), log],
    [file.subarray(0, file.length - 20_000), log],
    [changed(file, 9_000), log],
  ];
  for (const [number, [damagedFile, damagedLog]] of damages.entries()) {
    const directory = join(left, String(number));
    mkdirSync(directory);
    writeFileSync(join(directory, fileName), damagedFile);
    writeFileSync(join(directory, logName), damagedLog);
    const error = await opening(directory);
    assert.equal(error.code, "store_damaged", `damage ${number}: ${error.toLine()}`);
    const [, aside = ""] = /kept as (\S+)\. /.exec(error.toLine()) ?? [];
    assert.ok(readFileSync(aside).equals(damagedFile), `damage ${number}`);
    assert.ok(readFileSync(`${aside}.wal`).equals(damagedLog), `damage ${number}`);
    await (await openStore([miniserve], { directory })).close();
  }
});

test("a log whose last commit was not written to its end loses that commit alone", async (context) => {
  const left = await storeWithLog(context);
  const log = readFileSync(join(left, logName));
  writeFileSync(join(left, logName), log.subarray(0, log.length - 10));
  const store = await openStore([miniserve], { directory: left });
  assert.deepEqual(await store.counts(), { spans: 21_500, traces: 1 });
  await store.close();
});

test("a database of something else is set aside", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, fileName);
  await runSql(file, "CREATE TABLE recipes AS SELECT 'bread' AS name");
  const error = await opening(directory);
  assert.equal(error.code, "store_foreign");
  const [aside] = readdirSync(directory).filter((name) => name.includes("store_foreign"));
  assert.ok(aside && error.toLine().includes(aside));
  await runSql(join(directory, aside), "SELECT name FROM recipes");
  await (await openStore([miniserve], { directory })).close();
});

test("a file of a newer version is refused and left as it is", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, fileName);
  await (await openStore([miniserve], { directory })).close();
  await runSql(file, "UPDATE meta SET schema_version = 99");
  assert.equal((await opening(directory)).code, "store_too_new");
  assert.deepEqual(readdirSync(directory), [fileName]);
  await runSql(file, "UPDATE meta SET schema_version = 2");
  await (await openStore([miniserve], { directory })).close();
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
