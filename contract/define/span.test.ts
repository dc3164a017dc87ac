import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFaults } from "../testing/faults-of.ts";
import { defineAttributes, int, oneOf } from "./attribute.ts";
import { defineSpanTree, span } from "./span.ts";

const meaning = "It means something.";
const attributes = defineAttributes({
  count: int("count", { meaning, min: 0, examples: [1] }),
  ending: oneOf("ending", ["good", "cut"], { meaning }),
});

test("a tree has its spans in order, each with what it carries and when", () => {
  const tree = defineSpanTree(attributes, {
    root: span("root", { meaning, parent: null, kind: "server", atEnd: ["count"] }),
    first: span("first", {
      meaning,
      parent: "root",
      onSuccess: ["ending"],
      whenFailed: { ending: "cut" },
    }),
    inner: span("inner", { meaning, parent: "first", presence: "sampled", optional: ["count"] }),
    second: span("second", { meaning, parent: "root", presence: "on-demand" }),
  });
  assert.deepEqual(
    Object.values(tree).map(({ identifier, parent, order, kind, presence }) =>
      [identifier, parent, order, kind, presence].join(" "),
    ),
    [
      "root  0 server always",
      "first root 0 internal always",
      "inner first 0 internal sampled",
      "second root 1 internal on-demand",
    ],
  );
  assert.deepEqual(tree.first.attributes, { ending: attributes.ending });
  assert.deepEqual(tree.first.whenFailed, { ending: "cut" });
  assert.deepEqual(tree.first.whenInterrupted, {});
});

test("all faults of a tree are told at once", () => {
  const unknown = "modle" as never;
  const faults = collectFaults(() =>
    defineSpanTree(attributes, {
      root: span("root", { meaning, parent: null, presence: "on-demand" }),
      other: span("root", { meaning, parent: null }),
      early: span("early", { meaning, parent: "late" }),
      late: span("late", {
        meaning,
        parent: "root",
        atStart: [unknown],
        atEnd: ["count", "count"],
      }),
      replaced: span("replaced", {
        meaning,
        parent: "root",
        atEnd: ["count"],
        onSuccess: ["ending"],
        whenFailed: { ending: "bad", count: 0 },
        whenInterrupted: { toString: "x" },
      }),
    }),
  );
  assert.deepEqual(faults, [
    "2 spans have no parent, and exactly one must be the root",
    "root: it is the root, so its presence is always, not on-demand",
    "other: another span is called root too",
    "early: its parent late is not declared before it",
    "late: there is no attribute modle",
    "late: lists count twice",
    "replaced: the replacement of toString is for nothing that is set on success",
    "replaced: the replacement of ending is not one of good, cut",
    "replaced: the replacement of count is for nothing that is set on success",
  ]);
});

test("a tree without a root is refused", () => {
  assert.deepEqual(
    collectFaults(() => defineSpanTree(attributes, {})),
    ["0 spans have no parent, and exactly one must be the root"],
  );
});
