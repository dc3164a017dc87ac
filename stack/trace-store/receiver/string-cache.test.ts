import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs/minimal.js";
import { createReader } from "./wire.ts";
import { readText } from "./wire-values.ts";

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
      const reader = createReader(written([...texts, ...texts]));
      assert.deepEqual(
        [...texts, ...texts].map(() => readText(reader)),
        [...texts, ...texts],
      );
      assert.equal(reader.pos, reader.len);
    }),
    { seed, numRuns: 500 },
  );
});

test("what is not UTF-8 is marked, each time", () => {
  for (const [bytes, text] of [
    [[2, 0xc3, 0x28], "\udfff("],
    [[3, 0x61, 0xff, 0x62], "a\udfffb"],
    [[7, 0xef, 0xbf, 0xbd, 0xff, 0xef, 0xbf, 0xbd], "\udfff\udfff\udfff"],
    [[3, 0xef, 0xbf, 0xbd], "\u{fffd}"],
    [[3, 0xef, 0xbb, 0xbf], "\u{feff}"],
    // Half of a surrogate pair, as if it could stand alone: three bytes of which none can be read.
    [[3, 0xed, 0xa0, 0x80], "\udfff\udfff\udfff"],
    [[40, ...Array(38).fill(0x61), 0xe2, 0x82], `${"a".repeat(38)}\udfff`],
  ] as const) {
    for (let time = 0; time < 2; time += 1) {
      assert.equal(readText(createReader(Buffer.from(bytes))), text);
    }
  }
});

test("what ends too early is refused each time", () => {
  for (const bytes of [
    [5, 0x61, 0x62],
    [40, 0x61],
  ]) {
    for (let time = 0; time < 2; time += 1) {
      assert.throws(() => readText(createReader(Buffer.from(bytes))));
    }
  }
});
