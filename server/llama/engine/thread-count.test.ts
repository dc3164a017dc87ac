import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { chooseThreadCount } from "./native-backend.ts";

test("auto leaves one CPU free, where there is more than one", () => {
  assert.equal(chooseThreadCount("auto", 8), 7);
  assert.equal(chooseThreadCount("auto", 2), 1);
  assert.equal(chooseThreadCount("auto", 1), 1);
});

test("a wish is cut to what the process may use, and is at least one thread", () => {
  assert.equal(chooseThreadCount(4, 8), 4);
  assert.equal(chooseThreadCount(64, 8), 8);
  assert.equal(chooseThreadCount(0, 8), 1);
  assert.equal(chooseThreadCount(1_000_000), availableParallelism());
});
