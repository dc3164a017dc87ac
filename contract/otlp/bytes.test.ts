import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesToHex, fromBase64, hexToBytes, toBase64 } from "./json-reader.ts";

const seed = 34;

test("hex and base64 are what they are elsewhere, and are read back", (t) => {
  t.diagnostic(`seed ${seed}`);
  const property = fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const buffer = Buffer.from(bytes);
    assert.equal(bytesToHex(bytes), buffer.toString("hex"));
    assert.equal(toBase64(bytes), buffer.toString("base64"));
    assert.deepEqual(hexToBytes(buffer.toString("hex")), bytes);
    assert.deepEqual(fromBase64(buffer.toString("base64")), bytes);
    assert.deepEqual(fromBase64(buffer.toString("base64url")), bytes);
  });
  fc.assert(property, { seed, numRuns: 200 });
});

test("what is no base64 is not taken for it", () => {
  for (const text of ["A", "AAAAA", "A A=", "Ä", "AA===", "AA=A"]) {
    assert.equal(fromBase64(text), undefined, text);
  }
});
