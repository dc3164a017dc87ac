import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { lexicalEmbedding, lexicalEmbeddingSha256, stemWord } from "./lexical-embedding.ts";

test("the bytes are the same everywhere and always", () => {
  assert.equal(
    createHash("sha256").update(lexicalEmbedding()).digest("hex"),
    lexicalEmbeddingSha256,
  );
});

test("the forms of a word have one stem", () => {
  for (const forms of [
    "retry retries retried retrying",
    "cache caches cached caching",
    "index indexes indexed indexing",
    "stop stops stopped stopping",
    "call calls called calling",
    "request requests requested",
  ]) {
    assert.equal(new Set(forms.split(" ").map(stemWord)).size, 1, forms);
  }
  for (const word of ["status", "process", "this", "bus", "red", "ring", "need", "speed"]) {
    assert.ok(stemWord(word).length >= word.length - 1, word);
  }
});
