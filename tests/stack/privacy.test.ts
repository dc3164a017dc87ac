import assert from "node:assert/strict";
import { chmodSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stackUnderTest } from "./stack-under-test.ts";

const timeout = 240_000;
const skip = process.platform === "win32" ? "files have no such modes there" : false;

/** Below a folder; models are the same for everybody, and those that are there may be shared. */
function allIn(folder: string): string[] {
  return globSync(join(folder, "**", "*")).filter((path) => !path.includes("/models/"));
}

const readableByOthers = (folder: string) =>
  allIn(folder).filter((path) => (statSync(path).mode & 0o077) !== 0);

test("nothing that the stack, its server and its exports write can be read by others, also what an earlier version wrote", {
  timeout,
  skip,
}, async (t) => {
  process.umask(0o022);
  const stack = await stackUnderTest(t);
  const folder = stack.directory;
  const settings = {
    MINISERVE_INDEXES_DIRECTORY: join(folder, "indexes"),
    // The server's own index is among what is written.
    MINISERVE_INDEX_DOCS: "1",
  };
  const up = async () => {
    const { exitCode, stderr } = await stack.runWith(settings, "stack/up.ts", "--no-viewer");
    assert.equal(exitCode, 0, stderr);
  };
  await up();
  for (const [program, ...args] of [
    ["scripts/stack-export.ts", "--parquet", join(folder, "parquet")],
    ["scripts/trace-export.ts", "--out", join(folder, "trace", "one.json")],
    ["scripts/index-documents.ts", "mine", "docs/stack.md"],
  ] as const) {
    const { exitCode, stderr } = await stack.runWith(settings, program, ...args);
    assert.equal(exitCode, 0, `${program}: ${stderr}`);
  }
  const written = allIn(folder);
  for (const name of [
    "stack/data/traces.duckdb",
    "stack/store.log",
    "logs/miniserve.log",
    "indexes/docs/manifest.json",
    "indexes/mine/manifest.json",
    "parquet/resources.parquet",
    "trace/one.json",
  ]) {
    assert.ok(written.includes(join(folder, name)), `${name} is missing`);
  }
  assert.deepEqual(readableByOthers(folder), []);

  assert.equal((await stack.run("stack/down.ts")).exitCode, 0);
  const kept = ["stack", "logs", "indexes"].map((name) => join(folder, name));
  for (const path of [...kept, ...kept.flatMap(allIn)]) {
    chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644);
  }
  await up();
  assert.deepEqual(kept.flatMap(readableByOthers), []);
  const readText = (name: string) => readFileSync(join(folder, name), "utf8");
  assert.match(readText("stack/supervisor.log"), /files and folders of an earlier version/);
  assert.match(readText("logs/miniserve.log"), /"event":"files.made_private"/);
});
