import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IncrementalDetokenizer } from "./text-stream.ts";

/** A vocabulary whose tokens are byte sequences, cut anywhere, as in byte-level vocabularies. */
function detokenizer(vocabulary: readonly Uint8Array[]): IncrementalDetokenizer {
  const joinBytes = (tokens: readonly number[]) =>
    Buffer.concat(tokens.map((token) => vocabulary[token] ?? new Uint8Array()));
  const detokenize = (tokens: readonly number[]) => joinBytes(tokens).toString("utf8");
  return new IncrementalDetokenizer({ detokenize, precedingTokens: [] });
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const tokens: Uint8Array[] = [];
  let start = 0;
  for (let index = 0; start < bytes.length; index++) {
    const length = lengths[index % lengths.length] ?? 1;
    tokens.push(bytes.subarray(start, start + length));
    start += length;
  }
  return tokens;
}

const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 });

test("any text, cut into tokens anywhere, comes out whole and never in broken parts", () => {
  const texts = fc.string({ unit: "binary", maxLength: 30 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(texts, cuts, (text, lengths) => {
      const whole = text.replaceAll("\uFFFD", "?");
      const vocabulary = cut(Buffer.from(whole), lengths);
      const stream = detokenizer(vocabulary);
      const deltas = vocabulary.map((_, token) => stream.push(token));
      assert.equal(deltas.join(""), whole);
      assert.ok(deltas.every((delta) => delta.isWellFormed() && !delta.includes("\uFFFD")));
    }),
    { seed: 6, numRuns: 1000 },
  );
});

test("bytes that are no text give what a decoder of the whole gives, but for an unfinished end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), cuts, (bytes, lengths) => {
      const vocabulary = cut(bytes, lengths);
      const stream = detokenizer(vocabulary);
      const text = vocabulary.map((_, token) => stream.push(token)).join("");
      const whole = Buffer.from(bytes).toString("utf8");
      assert.ok(text === whole || `${text}\uFFFD` === whole);
    }),
    { seed: 7, numRuns: 1000 },
  );
});

test("a character comes out with the token that completes it", () => {
  const vocabulary = cut(Buffer.from("a🙂b"), [3, 2, 1]);
  const stream = detokenizer(vocabulary);
  assert.deepEqual(
    vocabulary.map((_, token) => stream.push(token)),
    ["a", "🙂", "b"],
  );
});

test("endless broken bytes are not held for ever", () => {
  const stream = detokenizer([Uint8Array.of(0xf0)]);
  const text = Array.from({ length: 200 }, () => stream.push(0)).join("");
  assert.ok(text.length >= 199, `${text.length} of 200`);
});

test("the tokens before the text decide about the space at its beginning", () => {
  // As in SentencePiece vocabularies: every word has a space before it, the first of a text has none.
  const words = ["one", "two", "three"];
  const stream = new IncrementalDetokenizer({
    detokenize: (tokens, precedingTokens) => {
      const text = tokens.map((token) => ` ${words[token]}`).join("");
      return precedingTokens.length > 0 ? text : text.slice(1);
    },
    precedingTokens: [0],
  });
  assert.deepEqual([stream.push(1), stream.push(2)], [" two", " three"]);
});
