import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { miniserve } from "#miniserve";
import { traceFile } from "../../stack/viewer/data/trace/trace-details.ts";
import { completeRequest } from "../support/traces/complete-request.ts";
import { checkout, waitForEnd } from "./stack-under-test.ts";

const timeout = 120_000;
const spans = completeRequest(miniserve);
const traceId = spans[0]?.traceId ?? "";
const sample = traceFile(spans);

/** A store that has one trace under every id, a log with its id, and what the store was asked. */
async function createFixture(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "miniserve-export-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const asked: string[] = [];
  const store = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end(JSON.stringify({ trace: JSON.parse(sample) }));
  });
  await new Promise<void>((listening) => store.listen(0, "127.0.0.1", listening));
  t.after(() => store.close());
  const url = `http://127.0.0.1:${(store.address() as { port: number }).port}`;
  const logFile = join(folder, "server.log");
  const line = { time: "2026-01-02T03:04:05.678Z", level: "info", event: "request.completed" };
  const lines = ["0".repeat(31).concat("1"), traceId].map((trace_id) => ({ ...line, trace_id }));
  writeFileSync(logFile, lines.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const run = (...given: string[]) =>
    waitForEnd(
      spawn(
        process.execPath,
        [...[join(checkout, "scripts", "trace-export.ts")], ...["--tempo", url, ...given]],
        {
          cwd: folder,
          env: { ...process.env, STACK_DIR: join(folder, "stack"), MINISERVE_LOG_FILE: logFile },
          stdio: ["ignore", "pipe", "pipe"],
        },
      ),
    );
  return { folder, run, asked };
}

test("without an id the newest request is written here, and nobody is sent a request", {
  timeout,
}, async (t) => {
  const { folder, run, asked } = await createFixture(t);
  const end = await run();
  assert.equal(end.exitCode, 0, end.stdout + end.stderr);
  assert.ok(
    asked.every((request) => request === `GET /api/v2/traces/${traceId}`),
    asked.join(),
  );
  assert.equal(readFileSync(join(folder, `${traceId}.json`), "utf8"), sample);
});

test("a file that nobody named is not written over", { timeout }, async (t) => {
  const { folder, run } = await createFixture(t);
  const file = join(folder, `${traceId}.json`);
  writeFileSync(file, "mine");
  const refused = await run();
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /is there already.*\[file_unwritable\]\n.*--out FILE/);
  assert.equal(readFileSync(file, "utf8"), "mine");
  assert.equal((await run(traceId, "--out", file)).exitCode, 0);
  assert.equal(readFileSync(file, "utf8"), sample);
  // The very same is no loss.
  assert.equal((await run(traceId)).exitCode, 0);
  assert.deepEqual(readdirSync(folder).sort(), [`${traceId}.json`, "server.log"].sort());
});

test("a request is sent only where --sample says so", { timeout }, async (t) => {
  const { run, asked } = await createFixture(t);
  for (const given of [
    ["--server", "http://127.0.0.1:9"],
    ["--sample", traceId],
  ]) {
    const end = await run(...given);
    assert.equal(end.exitCode, 2);
    assert.match(end.stderr, /--sample.*\[usage_invalid\]/);
  }
  assert.deepEqual(asked, []);
});
