import assert from "node:assert/strict";
import { test } from "node:test";
import { QuestionWords } from "./shared-words.ts";

test("words count in any form, rare ones more, and empty ones not at all", () => {
  const words = new QuestionWords("Why are the retries of MINISERVE_PORT refused?");
  assert.equal(words.shareIn("Retry and refuse: miniserve_port"), 1);
  assert.equal(words.shareIn("why are the of"), 0);
  assert.equal(words.shareIn(""), 0);
  const common = new QuestionWords("time and tracestate");
  assert.ok(common.shareIn("tracestate") > common.shareIn("time"));
});

test("a question without words has nothing to share", () => {
  for (const question of ["", "?!", "the of and"]) {
    assert.equal(new QuestionWords(question).shareIn("the of and ?!"), 0);
  }
});
