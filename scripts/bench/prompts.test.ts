import assert from "node:assert/strict";
import { test } from "node:test";
import { Prompts } from "./completion-client.ts";

test("the same seed gives the same prompts, another seed others", () => {
  const three = (seed: number) => {
    const prompts = new Prompts(seed);
    return [prompts.story(), prompts.ofWords(20), prompts.story()];
  };
  assert.deepEqual(three(1), three(1));
  assert.notDeepEqual(three(1), three(2));
});

test("sixty prompts in a row begin with sixty different words", () => {
  const prompts = new Prompts(1);
  const all = Array.from({ length: 60 }, (_, index) =>
    index % 2 === 0 ? prompts.story() : prompts.ofWords(5),
  );
  assert.equal(new Set(all.map((prompt) => prompt.split(" ")[0])).size, 60);
});

test("a prompt has as many words as it was asked for", () => {
  assert.equal(new Prompts(1).ofWords(1900).split(" ").length, 1900);
});
