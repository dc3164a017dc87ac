import assert from "node:assert/strict";
import { test } from "node:test";
import { splitSentences } from "./retriever.ts";

test("short sentences are read with the next, and signs alone are none", () => {
  const long = "This sentence is long enough to stand alone.";
  assert.deepEqual(splitSentences(`Yes. ${long} And one more.\n---\n| a | b |`, 9), [
    `Yes. ${long}`,
    "And one more. | a | b |",
  ]);
  assert.deepEqual(splitSentences("\n -- \n", 9), []);
  assert.equal(splitSentences(`${long} `.repeat(30), 9).length, 9);
});
