import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs/minimal.js";
import { readText } from "./known-texts.ts";
import { readerOf } from "./wire.ts";

const seed = 20_251_108;

function written(texts: readonly string[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const text of texts) {
    writer.string(text);
  }
  return Buffer.from(writer.finish());
}

test(`texts are read as they were written, the known ones too (seed ${seed})`, () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom("llm.model", "llm.tokens.in", "llm.tokens.out", "", "ü", "x".repeat(33)),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 50 }), (texts) => {
      const reader = readerOf(written([...texts, ...texts]));
      assert.deepEqual(
        [...texts, ...texts].map(() => readText(reader)),
        [...texts, ...texts],
      );
      assert.equal(reader.pos, reader.len);
    }),
    { seed, numRuns: 500 },
  );
});

test("what is not UTF-8, or ends too early, is refused each time", () => {
  for (const bytes of [
    [2, 0xc3, 0x28],
    [5, 0x61, 0x62],
    [40, 0x61],
  ]) {
    for (let time = 0; time < 2; time += 1) {
      assert.throws(() => readText(readerOf(Buffer.from(bytes))));
    }
  }
});
