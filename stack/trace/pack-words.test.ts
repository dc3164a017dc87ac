import assert from "node:assert/strict";
import { test } from "node:test";
import { packWords } from "./span-tree.ts";

test("words fill the lines in their order", () => {
  const words = ["aaaa", "bb", "cc", "dddddd", "e"];
  assert.deepEqual(packWords(words, { first: 7, rest: 8 }), ["aaaa bb", "cc", "dddddd e"]);
});

test("where the first line has no room, all stands below", () => {
  assert.deepEqual(packWords(["aaaa", "bb"], { first: 3, rest: 20 }), ["", "aaaa bb"]);
  assert.deepEqual(packWords([], { first: 0, rest: 20 }), [""]);
});

test("only a word that fits nowhere is cut", () => {
  assert.deepEqual(packWords(["abcdefgh", "i"], { first: 4, rest: 6 }), ["", "abcde…", "i"]);
});
