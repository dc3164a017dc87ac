import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFaults } from "../testing/collect-faults.ts";
import { defineAttributes, int, oneOf } from "./attribute.ts";
import { defineSpanTree, isForRequest, span } from "./span.ts";

const brief = "It means something.";
const attributes = defineAttributes({
  count: int("count", { brief, min: 0, examples: [1] }),
  ending: oneOf("ending", ["good", "cut"], { brief }),
});

test("a tree has its spans in order, each with what it carries and when", () => {
  const tree = defineSpanTree(attributes, {
    root: span("root", { brief, parent: null, kind: "server", atEnd: ["count"] }),
    first: span("first", {
      brief,
      parent: "root",
      onSuccess: ["ending"],
      whenFailed: { ending: "cut" },
    }),
    inner: span("inner", { brief, parent: "first", presence: "sampled", optional: ["count"] }),
    second: span("second", { brief, parent: "root", presence: "optional" }),
  });
  assert.deepEqual(
    Object.values(tree).map(({ identifier, parent, order, kind, presence }) =>
      [identifier, parent, order, kind, presence].join(" "),
    ),
    [
      "root  0 server always",
      "first root 0 internal always",
      "inner first 0 internal sampled",
      "second root 1 internal optional",
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
      root: span("root", { brief, parent: null, presence: "optional" }),
      other: span("root", { brief, parent: null }),
      early: span("early", { brief, parent: "late" }),
      late: span("late", {
        brief,
        parent: "root",
        atStart: [unknown],
        atEnd: ["count", "count"],
      }),
      replaced: span("replaced", {
        brief,
        parent: "root",
        atEnd: ["count"],
        onSuccess: ["ending"],
        whenFailed: { ending: "bad", count: 0 },
        whenInterrupted: { toString: "x" },
      }),
      shared: span("shared", { brief, parent: "root", alsoUnder: ["late", "nothing"] }),
    }),
  );
  assert.deepEqual(faults, [
    "root: it is the root, so its presence is always, not optional",
    "other: another span is called root too",
    "early: its parent late is not declared before it",
    "late: there is no attribute modle",
    "late: lists count twice",
    "replaced: the replacement of toString is for nothing that is set on success",
    "replaced: the replacement of ending is not one of good, cut",
    "replaced: the replacement of count is for nothing that is set on success",
    "shared: its parent nothing is not declared before it",
    "shared: it has several parents, so its presence must be sampled",
  ]);
});

test("a tree without a root is refused", () => {
  assert.deepEqual(
    collectFaults(() => defineSpanTree(attributes, {})),
    ["every span has a parent, and one must be the root"],
  );
});

test("a span that is only for some requests is a child of a root that says which they are", () => {
  const kinds = defineAttributes({
    kind: oneOf("shop.kind", ["read", "write"], { brief }),
    name: oneOf("shop.name", ["a"], { brief }),
  });
  const root = span("root", { brief, parent: null, atStart: ["kind"], atEnd: ["name"] });
  const tree = defineSpanTree(kinds, {
    root,
    write: span("write", {
      brief,
      parent: "root",
      onlyFor: { attribute: "kind", isOneOf: ["write"] },
    }),
  });
  assert.ok(isForRequest(tree.root, () => "read"));
  assert.ok(isForRequest(tree.write, () => "write"));
  assert.ok(!isForRequest(tree.write, () => "read"));
  // Where the root does not say it, nobody knows.
  assert.ok(isForRequest(tree.write, () => undefined));
  for (const onlyFor of [
    { attribute: "kind", isOneOf: ["delete"] },
    { attribute: "name", isOneOf: ["a"] },
    { attribute: "none", isOneOf: [] },
  ]) {
    const wrong = span("wrong", { brief, parent: "root", onlyFor });
    assert.throws(() => defineSpanTree(kinds, { root, wrong }), { name: "DefinitionError" });
  }
});
