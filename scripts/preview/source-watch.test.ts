import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { seedRepository } from "../testing/seeded-repository.ts";
import { SourceWatch } from "./source-watch.ts";

/** A watch over some files, and the changes that it tells of, one after the other. */
function watched(context: TestContext) {
  const root = seedRepository(context, { "a/one.ts": "1", "a/in/two.ts": "2", "b/three.ts": "3" });
  const told: string[][] = [];
  let wake = () => {};
  const watch = new SourceWatch(root, ["a", "b"], (files) => {
    told.push([...files]);
    wake();
  });
  context.after(() => watch.close());
  return {
    at: (path: string) => join(root, path),
    /** Everything that is told until all of these files were. */
    until: async (...files: string[]) => {
      const found = () => new Set(told.flat());
      while (!files.every((file) => found().has(file))) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const all = [...found()].sort();
      told.length = 0;
      return all;
    },
  };
}

test("tells of what is written, made, renamed and removed, in folders old and new", async (context) => {
  const { at, until } = watched(context);
  writeFileSync(at("a/in/two.ts"), "22");
  assert.deepEqual(await until("a/in/two.ts"), ["a/in/two.ts"]);

  // As an editor saves that never leaves half a file.
  writeFileSync(at("a/one.ts~"), "11");
  renameSync(at("a/one.ts~"), at("a/one.ts"));
  assert.deepEqual(await until("a/one.ts"), ["a/one.ts"]);

  mkdirSync(at("b/new/deep"), { recursive: true });
  writeFileSync(at("b/new/deep/four.ts"), "4");
  assert.deepEqual(await until("b/new/deep/four.ts"), ["b/new/deep/four.ts"]);
  writeFileSync(at("b/new/deep/four.ts"), "44");
  assert.deepEqual(await until("b/new/deep/four.ts"), ["b/new/deep/four.ts"]);

  rmSync(at("a/in"), { recursive: true });
  assert.deepEqual(await until("a/in/two.ts"), ["a/in/two.ts"]);
  mkdirSync(at("a/in"));
  writeFileSync(at("a/in/five.ts"), "5");
  assert.deepEqual(await until("a/in/five.ts"), ["a/in/five.ts"]);
});

test("generated files, tests and what is no source are not told of", async (context) => {
  const { at, until } = watched(context);
  mkdirSync(at("a/generated"));
  for (const path of ["a/generated/out.json", "a/one.test.ts", "a/notes.md"]) {
    writeFileSync(at(path), "x");
  }
  writeFileSync(at("b/three.ts"), "33");
  assert.deepEqual(await until("b/three.ts"), ["b/three.ts"]);
});
