import assert from "node:assert/strict";
import { test } from "node:test";
import type { TargetJson } from "./dashboard.ts";
import { askedTargets, computed } from "./expressions.ts";
import type { Frame } from "./frame.ts";

const expression = { type: "__expr__", uid: "__expr__" };

const targets: readonly TargetJson[] = [
  { refId: "A", hide: true, query: "{ } | count_over_time() > 0" },
  { refId: "All of them", datasource: expression, type: "reduce", expression: "A", reducer: "sum" },
  { refId: "Nothing", datasource: expression, type: "reduce", expression: "B", reducer: "sum" },
  { refId: "B", hide: true, query: "{ false } | count_over_time() > 0" },
  { refId: "C", query: "{ } | rate()" },
];

function answer(refId: string, values: readonly number[]): Frame {
  return {
    refId,
    name: "count_over_time",
    fields: [
      { name: "time", type: "time", values: values.map((_, index) => index), config: {} },
      { name: "value", type: "number", values, config: { displayName: "count_over_time" } },
    ],
  };
}

test("hidden targets are asked where something is computed from them, and nowhere else", () => {
  const asked = (some: readonly TargetJson[]) => askedTargets(some).map(({ refId }) => refId);
  assert.deepEqual(asked(targets), ["A", "B", "C"]);
  assert.deepEqual(asked(targets.filter(({ datasource }) => datasource === undefined)), ["C"]);
});

test("an answer is reduced to a value that is called as its target, and none stays none", () => {
  const { frames, unknown } = computed([answer("A", [2, 3]), answer("C", [7])], targets);
  assert.deepEqual(unknown, []);
  assert.deepEqual(
    frames.map(({ refId, fields }) => [refId, fields.at(-1)?.name, fields.at(-1)?.values]),
    [
      ["All of them", "All of them", [5]],
      ["C", "value", [7]],
    ],
  );
});

test("an expression that is not known is said", () => {
  const odd = { refId: "D", datasource: expression, type: "math", expression: "$A / 2" };
  const { frames, unknown } = computed([answer("A", [2])], [...targets.slice(0, 1), odd]);
  assert.deepEqual([frames, unknown], [[], ["The expression D is left out here."]]);
});
