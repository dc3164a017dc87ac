import assert from "node:assert/strict";
import { test } from "node:test";
import { scanNumber } from "./scanner.ts";

const at = { offset: 0, line: 1, column: 1 };

test("a duration is whole nanoseconds, of which none is lost or rounded up, as in Go", () => {
  const durations = {
    "0.9999999999s": 999_999_999n,
    "1.0000000001s": 1_000_000_000n,
    "1.999999999s": 1_999_999_999n,
    "1.9ns": 1n,
    ".5us": 500n,
    "1.µs": 1_000n,
    "1m30s": 90_000_000_000n,
    "1h0.5s1ns": 3_600_500_000_001n,
    "0.1ms0.1ms0.1ms": 300_000n,
    "292y1ns": 292n * 365n * 86_400_000_000_000n + 1n,
    "9223372036854775807ns": 9_223_372_036_854_775_807n,
    "9223372036.854775807s": 9_223_372_036_854_775_807n,
    [`0.${"9".repeat(1_000)}s`]: 999_999_999n,
  };
  for (const [text, nanoseconds] of Object.entries(durations)) {
    const literal = { type: "duration", nanoseconds };
    assert.deepEqual(scanNumber(text, 0, at), { literal, length: text.length }, text);
  }
});

test("a duration beyond 64 bits of nanoseconds is refused", () => {
  for (const text of ["9223372036854775808ns", "293y", `${"9".repeat(1_000)}s`, "292y292y"]) {
    assert.throws(() => scanNumber(text, 0, at), { message: /longer than 292 years$/ }, text);
  }
});
