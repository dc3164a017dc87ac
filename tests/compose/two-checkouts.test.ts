/** Two checkouts with the default folder, on one machine with one engine. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkout, stackUnderTest, waitForEnd } from "../stack/stack-under-test.ts";
import { type SeededEngine, seedEngine } from "./seeded-engine.ts";

const copied = [
  "contract",
  "dashboards",
  "miniserve.config.ts",
  "package.json",
  "provisioning",
  "server",
  "stack",
];

test("one checkout neither stops nor empties the stack of another", {
  timeout: 300_000,
}, async (t) => {
  const { environment } = await stackUnderTest(t);
  const directory = mkdtempSync(join(tmpdir(), "miniserve-checkouts-"));
  const engine = seedEngine(directory);
  const [first, second] = ["first", "second"].map((name) =>
    copyCheckout(join(directory, name), environment, engine),
  );
  assert.ok(first !== undefined && second !== undefined);
  t.after(async () => {
    await Promise.all([first("stack/down.ts"), second("stack/down.ts")]);
    rmSync(directory, { recursive: true });
  });
  const up = ["stack/up.ts", "--driver", "compose", "--no-server"];

  const started = await first(...up);
  assert.equal(started.exitCode, 0, started.stdout + started.stderr);
  const [project = "", ...others] = engine.projectsWithData();
  assert.match(project, /^miniserve-[0-9a-f]{12}$/);
  assert.deepEqual(others, []);

  const refused = await second(...up);
  assert.equal(refused.exitCode, 2, refused.stdout + refused.stderr);
  assert.match(refused.stderr, /\[port_in_use\]/);
  assert.equal((await first("stack/status.ts")).exitCode, 0, "the first was stopped");

  const removed = await second("stack/down.ts", "--volumes", "--yes");
  assert.equal(removed.exitCode, 0, removed.stdout + removed.stderr);
  assert.deepEqual(engine.projectsWithData(), [project]);
  assert.equal((await first("stack/status.ts")).exitCode, 0, "the first was removed");

  assert.equal((await first("stack/down.ts", "--volumes", "--yes")).exitCode, 0);
  assert.deepEqual(engine.projectsWithData(), []);
});

/** Copies what the commands of the stack need, and gives a function that runs one of them there. */
function copyCheckout(
  folder: string,
  { STACK_DIR: _, ...environment }: Readonly<Record<string, string>>,
  engine: SeededEngine,
) {
  mkdirSync(folder);
  for (const name of copied) {
    cpSync(join(checkout, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  return (...words: string[]) =>
    waitForEnd(
      spawn(process.execPath, words, {
        cwd: folder,
        env: { ...environment, ...engine.environment, NODE_DISABLE_COMPILE_CACHE: "1" },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
}
