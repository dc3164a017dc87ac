import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFaults } from "../testing/collect-faults.ts";
import {
  boolean,
  defineAttributes,
  double,
  int,
  oneOf,
  string,
  validateValue,
} from "./attribute.ts";

const brief = "It means something.";

test("all faults of a set of attributes are told at once", () => {
  const faults = collectFaults(() =>
    defineAttributes({
      first: int("llm.count", { brief, examples: [1] }),
      second: int("llm.count", { brief, examples: [1, 1.5], min: 1, max: 2 }),
      low: int("low", { brief, examples: [0], min: 1 }),
      high: double("high", { brief, examples: [3, Number.NaN], max: 2 }),
      formed: string("formed", { brief, examples: ["abc", "abcd"], pattern: /[a-c]{3}/ }),
      upper: string("llm.Upper", { brief, examples: ["a"] }),
      dots: string("llm..dots", { brief, examples: ["a"] }),
      content: string(String("llm.prompt.size"), { brief, examples: ["a"] }),
    }),
  );
  assert.deepEqual(faults, [
    "second and first have the same wire name llm.count",
    "second: the example 1.5 is not a whole number",
    "low: the example 0 is below 1",
    "high: the example 3 is above 2",
    "high: the example NaN is not a number",
    "formed: the example abcd is not of the form ^(?:[a-c]{3})$",
    "upper: llm.Upper is not lower_case words with dots between them",
    "dots: llm..dots is not lower_case words with dots between them",
    'content: llm.prompt.size has "prompt" in it, which stands for content and is redacted',
  ]);
});

test("a value is judged by its attribute, and never repeated", () => {
  const secret = "Once upon a time";
  const list = oneOf("list", ["a", "b"], { brief });
  const formed = string("formed", { brief, examples: ["ab"], pattern: /a.|c/i });
  const flag = boolean("flag", { brief });
  for (const [attribute, good, bad] of [
    [int("int", { brief, examples: [1] }), [0, -1, 2 ** 53 - 1], [0.5, 2 ** 53, "1", 1n, null]],
    [double("double", { brief, examples: [1] }), [0.5, -0, 1e300], [Number.NaN, Infinity, "1"]],
    [list, ["a", "b"], ["c", "A", secret]],
    [formed, ["ab", "C"], ["abc", "ab\n", "xab", secret, ""]],
    [flag, [true, false], ["true", 1, undefined]],
  ] as const) {
    for (const value of good) {
      assert.equal(
        validateValue(attribute, value),
        undefined,
        `${attribute.key}: ${String(value)}`,
      );
    }
    for (const value of bad) {
      const fault = validateValue(attribute, value);
      assert.ok(fault !== undefined, `${attribute.key}: ${String(value)}`);
      assert.ok(!fault.includes(secret), fault);
    }
  }
});
