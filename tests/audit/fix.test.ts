import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { noSurroundings } from "../../scripts/audit/boards/board.ts";
import { readBoards } from "../../scripts/audit/boards/read-boards.ts";
import { readDocuments } from "../../scripts/audit/documents/text-document.ts";
import { rewriteSource } from "../../scripts/audit/fix/rewrite-source.ts";
import { contractNames } from "../../scripts/audit/known/contract-names.ts";
import { allRenames } from "../../scripts/audit/known/known-names.ts";
import { auditText, classicBoard, shop } from "./shop.ts";

const renames = allRenames([contractNames(shop)]);

function rewrite(text: string) {
  const boards = readDocuments(text).flatMap((document) => readBoards(document, noSurroundings));
  return rewriteSource({ place: "a.json", text, boards }, renames);
}

const asked = [
  {
    title: "a",
    query:
      '{ name = "buy" && span.shop.items > 1 && .shop.items < $most && span.other = "span.shop.items" } // span.shop.items',
    now: '{ name = "checkout" && span.shop.items.count > 1 && .shop.items.count < $most && span.other = "span.shop.items" } // span.shop.items',
  },
  {
    title: "b",
    query: '{ span."shop.items" != 3 && span.shop.items_sold = 1 && rootName != "buy" }',
    now: '{ span.shop.items.count != 3 && span.shop.items_sold = 1 && rootName != "checkout" }',
  },
  {
    title: "c",
    by: "prometheus",
    query:
      'sum by (le, shop_items) (rate(shop_took_seconds_bucket{shop_items=~"$x", till="shop_took_seconds_bucket"}[$__rate_interval])) # shop_took_seconds_bucket',
    now: 'sum by (le, shop_items_count) (rate(shop_checkout_duration_seconds_bucket{shop_items_count=~"$x", till="shop_took_seconds_bucket"}[$__rate_interval])) # shop_took_seconds_bucket',
  },
  { title: "d", by: "prometheus", query: "rate(not_ours[5m])", now: "rate(not_ours[5m])" },
  // What cannot be read is left alone.
  { title: "e", query: "{ span.shop.items = }", now: "{ span.shop.items = }" },
] as const;

const templating = {
  list: [
    {
      type: "query",
      name: "v",
      datasource: { type: "tempo" },
      query: { type: 1, label: "shop.items" },
    },
    {
      type: "query",
      name: "w",
      datasource: { type: "prometheus" },
      query: "label_values(shop_took_seconds_sum, shop_items)",
    },
  ],
};
const form = {
  type: "table",
  title: "form",
  datasource: { type: "tempo" },
  targets: [
    {
      queryType: "traceqlSearch",
      filters: [{ scope: "span", tag: "shop.items", operator: ">", value: "1" }],
    },
  ],
};

function board(which: "query" | "now") {
  const isNow = which === "now";
  const { panels, ...rest } = classicBoard(
    asked.map((one) => ({ ...one, query: one[which] })),
    { description: "shop.items and shop_took_seconds_bucket \u00fc \ud83d\ude00", templating },
  );
  const all = JSON.stringify({ ...rest, panels: [...panels, form] });
  const changed = all
    .replace('"label":"shop.items"', '"label":"shop.items.count"')
    .replace(
      "label_values(shop_took_seconds_sum, shop_items)",
      "label_values(shop_checkout_duration_seconds_sum, shop_items_count)",
    )
    .replace('"tag":"shop.items"', '"tag":"shop.items.count"');
  return JSON.parse(isNow ? changed : all) as object;
}

const writers: Readonly<Record<string, (value: object) => string>> = {
  "JSON of two spaces": (value) => `${JSON.stringify(value, null, 2)}\n`,
  "JSON of tabs": (value) => JSON.stringify(value, null, "\t"),
  "JSON in one line": (value) => JSON.stringify(value),
  "JSON with everything escaped": (value) =>
    JSON.stringify(value).replace(
      /[\u007f-\uffff&<>]/g,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  YAML: (value) => stringify(value, { lineWidth: 0 }),
  "YAML in single quotes": (value) =>
    stringify(value, { lineWidth: 0, defaultStringType: "QUOTE_SINGLE", defaultKeyType: "PLAIN" }),
  "YAML in double quotes": (value) =>
    stringify(value, { lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }),
  "YAML in blocks": (value) =>
    stringify(value, { lineWidth: 0, defaultStringType: "BLOCK_LITERAL", defaultKeyType: "PLAIN" }),
};

for (const [format, write] of Object.entries(writers)) {
  test(`renamed names are rewritten in ${format}, and nothing else changes`, () => {
    const { text, changes, left } = rewrite(write(board("query")));
    assert.equal(text, write(board("now")));
    assert.deepEqual(left, []);
    assert.equal(changes.length, 12);
    assert.deepEqual(rewrite(text).changes, []);
  });
}

test("what is rewritten is no longer dead", async () => {
  const states = async (text: string) =>
    (await auditText(text)).map(({ panel, state }) => `${panel.title} ${state}`).join(", ");
  const before = JSON.stringify(board("query"));
  assert.equal(
    await states(before),
    "v dead, w dead, a dead, b dead, c dead, d dead, e unreadable, form dead",
  );
  // They still ask for what was never there.
  assert.equal(
    await states(rewrite(before).text),
    "v declared, w dead, a dead, b dead, c dead, d dead, e unreadable, form declared",
  );
});

test("a name in a text within the text is left, and said", () => {
  const inner = JSON.stringify(classicBoard([{ title: "a", query: "{ span.shop.items = 1 }" }]));
  const text = stringify({ kind: "ConfigMap", data: { "a.json": inner } });
  const { text: same, changes, left } = rewrite(text);
  assert.equal(same, text);
  assert.deepEqual(changes, []);
  assert.deepEqual(
    left.map(({ panel, before, now }) => [panel, before, now]),
    [["a", "span.shop.items", "span.shop.items.count"]],
  );
});
