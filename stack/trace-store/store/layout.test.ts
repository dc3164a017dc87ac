import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, LayoutEncoder } from "./layout.ts";

/** Walks as a span's attributes do: a key for one in a column, null for one in the text. */
function walkLayout(walk: LayoutEncoder, attributes: readonly (string | null)[]): number | null {
  for (const key of attributes) {
    if (key === null) {
      walk.text();
    } else {
      walk.column(key);
    }
  }
  return walk.finish();
}

function storing() {
  const stored: string[] = [];
  const getLayoutId = (layout: string) => {
    const known = stored.indexOf(layout);
    return known === -1 ? stored.push(layout) - 1 : known;
  };
  return { stored, walk: new LayoutEncoder(getLayoutId) };
}

test("each order of columns and texts has an id, asked for once", () => {
  const { stored, walk } = storing();
  const orders = [
    ["a"],
    ["a", "b"],
    ["b", "a"],
    ["a", null, null, "b"],
    [null, "a"],
    ["a", null],
    ["2", null, null, "2x"],
  ];
  const ids = orders.map((order) => walkLayout(walk, order));
  assert.deepEqual(
    stored.map((layout) => JSON.parse(layout)),
    [["a"], ["a", "b"], ["b", "a"], ["a", 2, "b"], [1, "a"], ["2", 2, "2x"]],
  );
  // Texts at the end need no place of their own: they are what is left.
  assert.equal(ids[5], ids[0]);
  const asked = stored.length;
  assert.deepEqual(
    orders.map((order) => walkLayout(walk, order)),
    ids,
  );
  assert.equal(stored.length, asked);
  assert.equal(walkLayout(walk, [null, null]), null);
});

test("ids that are no longer true are asked for again", () => {
  let asked = 0;
  const walk = new LayoutEncoder(() => {
    asked += 1;
    return asked;
  });
  assert.equal(walkLayout(walk, ["a"]), 1);
  walk.column("half of one");
  walk.forget();
  assert.equal(walkLayout(walk, ["a"]), 2);
});

test("what a layout took apart it puts together again", () => {
  const column = (key: string) => (key === "gone" ? undefined : key.toUpperCase());
  assert.deepEqual(arrange(["a", 2, "gone", "b"], column, ["one", "two", "three"]), [
    "A",
    "one",
    "two",
    "B",
    "three",
  ]);
});
