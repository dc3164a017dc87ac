import assert from "node:assert/strict";
import { test } from "node:test";
import { sentencesOf } from "./retriever.ts";

test("short sentences are read with the next, and signs alone are none", () => {
  const long = "This sentence is long enough to stand alone.";
  assert.deepEqual(sentencesOf(`Yes. ${long} And one more.\n---\n| a | b |`, 9), [
    `Yes. ${long}`,
    "And one more. | a | b |",
  ]);
  assert.deepEqual(sentencesOf("\n -- \n", 9), []);
  assert.equal(sentencesOf(`${long} `.repeat(30), 9).length, 9);
});
