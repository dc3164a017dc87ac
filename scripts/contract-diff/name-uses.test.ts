import assert from "node:assert/strict";
import { test } from "node:test";
import { mentions, usesIn } from "./name-uses.ts";

test("a name is used as it is, in a pattern, in a link and as a label", () => {
  for (const text of [
    "{ span.llm.tokens.out = 0 }",
    "llm.tokens.out",
    'IsMatch(name, "llm\\\\.tokens\\\\.out")',
    `/explore?panes=${encodeURIComponent('{"query":"{ span.llm.tokens.out = 0 }"}')}`,
    'sum by (llm_tokens_out) (x{llm_tokens_out="1"})',
    "Counts llm.tokens.out.",
    "`llm.tokens.out`",
  ]) {
    assert.ok(mentions(text, "llm.tokens.out"), text);
  }
});

test("part of another name is no use", () => {
  for (const text of [
    "llm.tokens.output",
    "llm.tokens.out_of_order",
    "my.llm.tokens.out",
    "llm.tokens.out.late",
    "llm.tokens.out-late",
    "llm_tokens_output",
    "llmXtokensXout",
  ]) {
    assert.ok(!mentions(text, "llm.tokens.out"), text);
  }
});

test("a name of one word is used in quotes or alone, and not in a sentence", () => {
  for (const text of [
    '{ name = "rerank" }',
    "`rerank`",
    "rerank",
    "  - rerank",
    "name: rerank",
    '{\\"name\\":\\"rerank\\"}',
    encodeURIComponent('{ name = "rerank" }'),
  ]) {
    assert.ok(mentions(text, "rerank"), text);
  }
  for (const text of ["What rerank kept", "rag.docs.reranked", '"reranked"', "rerank-kept"]) {
    assert.ok(!mentions(text, "rerank"), text);
  }
});

test("panels, queries and alerts are named by their titles, and other files by their lines", () => {
  const dashboard = {
    title: "Overview",
    templating: { list: [{ query: "llm.model" }] },
    panels: [
      {
        title: "Tokens",
        gridPos: {},
        targets: [{ query: "{ } | sum_over_time(span.llm.tokens.out)" }],
      },
      {
        title: "Row",
        gridPos: {},
        panels: [{ title: "Deep", gridPos: {}, options: { "llm.tokens.out": { color: "red" } } }],
      },
    ],
  };
  const uses = (path: string, content: string, name = "llm.tokens.out") =>
    usesIn({ path, content }, name).map(({ kind, name: found }) => `${kind}: ${found}`);
  const json = JSON.stringify(dashboard);
  assert.deepEqual(uses("dashboards/generated/a.json", json), ["panel: Tokens", "panel: Deep"]);
  assert.deepEqual(uses("dashboards/generated/a.json", json, "llm.model"), ["dashboard: Overview"]);
  assert.deepEqual(
    uses(
      "provisioning/generated/queries.yaml",
      'queries:\n  - id: empty\n    title: Empty\n    query: "{ span.llm.tokens.out = 0 }"\n',
    ),
    ["query: Empty"],
  );
  assert.deepEqual(
    uses(
      "provisioning/generated/alerts.yaml",
      "groups:\n  - rules:\n      - title: Too many\n        condition: B\n        data: [{model: {query: 'llm.tokens.out'}}]\n",
    ),
    ["alert: Too many"],
  );
  assert.deepEqual(uses("stack/generated/a.yaml", "a:\n  - llm.tokens.out\nb: llm.tokens.out\n"), [
    "file: lines 2, 3",
  ]);
  assert.deepEqual(uses("docs/generated/a.md", "nothing\n"), []);
});
