/** `npm run demo` leaves nothing behind when it is ended early, and does not press a server that refuses it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  checkout,
  type StackUnderTest,
  stackUnderTest,
  waitForEnd,
} from "../stack/stack-under-test.ts";

const timeout = 180_000;
const leftOverLimitMs = 30_000;
const apiKey = "a-key-for-this-test";

test("a demo that is ended early", { timeout }, async (t) => {
  const stack = await stackUnderTest(t, { MINISERVE_API_KEY: apiKey });
  const up = await stack.run("stack/up.ts");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);

  await t.test("says that the key is missing, and sends no more requests", async () => {
    const demo = await stack.runWith({ MINISERVE_API_KEY: undefined }, "scripts/demo.ts");
    assert.equal(demo.exitCode, 2, demo.stdout);
    assert.match(demo.stderr, /key_refused/);
  });

  await t.test("by Ctrl-C while it prepares, reports and leaves nothing", async () => {
    const { exitCode, stdout } = await endAt(stack, "early", /and nothing in return/, "SIGINT");
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /What the saved queries found/);
  });

  await t.test("by a signal to it alone, while its server runs, too", async () => {
    const { exitCode, stdout } = await endAt(stack, "late", /right after a start/, "SIGTERM");
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /✓ {2}cold-cache/);
  });
});

/** Ends a demo once it has written a line, as a terminal does or, for SIGTERM, as a supervisor does. */
async function endAt(
  { environment, directory }: StackUnderTest,
  folder: string,
  line: RegExp,
  signal: "SIGINT" | "SIGTERM",
) {
  const temporary = join(directory, folder);
  mkdirSync(temporary);
  const child = spawn(process.execPath, ["scripts/demo.ts", "--seconds", "60"], {
    cwd: checkout,
    env: { ...environment, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const group = -(child.pid ?? 0);
  let said = "";
  child.stdout.on("data", (chunk) => {
    const before = said;
    said += chunk;
    if (line.test(said) && !line.test(before)) {
      process.kill(signal === "SIGINT" ? group : -group, signal);
    }
  });
  const end = await waitForEnd(child);
  assert.deepEqual(
    readdirSync(temporary).filter((name) => name.startsWith("miniserve-demo")),
    [],
  );
  await waitUntilGone(group);
  return { ...end, stdout: end.stdout + end.stderr };
}

/** A process whose parent is gone ends a moment later. */
async function waitUntilGone(group: number): Promise<void> {
  const giveUpAt = performance.now() + leftOverLimitMs;
  while (isThere(group)) {
    assert.ok(performance.now() < giveUpAt, "processes are left");
    await sleep(50);
  }
}

function isThere(group: number): boolean {
  try {
    return process.kill(group, 0);
  } catch {
    return false;
  }
}
