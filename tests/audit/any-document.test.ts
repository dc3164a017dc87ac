import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noSurroundings } from "../../scripts/audit/boards/board.ts";
import { readBoards } from "../../scripts/audit/boards/read-boards.ts";
import { LineIndex } from "../../scripts/audit/documents/line-index.ts";
import { DocumentError, readDocuments } from "../../scripts/audit/documents/text-document.ts";
import { rewriteSource } from "../../scripts/audit/fix/rewrite-source.ts";
import { auditBoard } from "../../scripts/audit/judge/audit-boards.ts";
import { contractNames } from "../../scripts/audit/known/contract-names.ts";
import { allRenames } from "../../scripts/audit/known/known-names.ts";
import { takePromqlApart } from "../../scripts/audit/queries/promql-needs.ts";
import { takeTraceqlApart } from "../../scripts/audit/queries/traceql-needs.ts";
import { createReport } from "../../scripts/audit/report/audit-report.ts";
import { auditSarif } from "../../scripts/audit/report/sarif.ts";
import { classicBoard, shop } from "./shop.ts";

const seed = 19;

/** Names that mean something, so that what is made up is not at once of no interest. */
const names = [
  ..."panels rows targets datasource type uid query expr queryType title templating list name".split(
    " ",
  ),
  ..."spec elements kind apiVersion data queries group dashboard __inputs __elements libraryPanel".split(
    " ",
  ),
  ..."model groups rules alert record annotations filters tag value options current libraryPanels".split(
    " ",
  ),
  "__proto__",
  "constructor",
];
const texts = [
  ..."tempo prometheus traceql traceqlSearch query custom Panel QueryGroup PanelQuery DataQuery row".split(
    " ",
  ),
  ..."dashboard.grafana.app/v2 ConfigMap GrafanaDashboard LibraryPanel QueryVariable -- Mixed --".split(
    " ",
  ),
  "{ span.shop.items = $x }",
  'sum by ($x) (rate(shop_sold_total{a="$x"}[$__interval]))',
  "label_values(a, b)",
];

const { document } = fc.letrec<{ document: unknown }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 8, depthSize: "large" },
    fc.constantFrom<unknown>(null, true, 1, -1.5, "", ...texts),
    fc.string(),
    fc.array(tie("document"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie("document"), {
      maxKeys: 6,
      noNullPrototype: true,
    }),
  ),
}));

async function auditAll(text: string): Promise<void> {
  const known = [contractNames(shop)];
  const boards = readDocuments(text).flatMap((one) => readBoards(one, noSurroundings));
  const source = { place: "a.json", text, boards };
  const audited = await Promise.all(
    boards.map(async (board) => ({
      source,
      board,
      lines: new LineIndex(text),
      panels: await auditBoard(board, { known, hasData: async () => false }),
    })),
  );
  JSON.stringify(createReport(audited, [], []));
  JSON.stringify(auditSarif(audited, []));
  const { text: rewritten } = rewriteSource(source, allRenames(known));
  readDocuments(rewritten);
}

test("no JSON is too strange", async (t) => {
  t.diagnostic(`seed ${seed}`);
  const property = fc.asyncProperty(document, async (value) => auditAll(JSON.stringify(value)));
  await fc.assert(property, { seed, numRuns: 1_000 });
});

test("no value in a dashboard is too strange", async (t) => {
  t.diagnostic(`seed ${seed}`);
  const board = classicBoard([{ title: "a", query: "{ span.shop.items = 1 }" }]);
  const property = fc.asyncProperty(document, document, document, async (panels, list, target) => {
    const [panel] = board.panels;
    await auditAll(
      JSON.stringify({
        ...board,
        panels: [{ ...panel, targets: [target] }, panels],
        templating: { list: [list] },
      }),
    );
    await auditAll(
      JSON.stringify({ ...board, panels, templating: list, annotations: { list: target } }),
    );
    await auditAll(
      JSON.stringify({
        title: "x",
        elements: { a: target, b: { kind: "Panel", spec: panels } },
        variables: [list],
      }),
    );
    await auditAll(JSON.stringify({ groups: [{ rules: [target, { data: [panels] }] }] }));
  });
  await fc.assert(property, { seed, numRuns: 500 });
});

test("no text is too strange", async (t) => {
  t.diagnostic(`seed ${seed}`);
  const part = fc.constantFrom(
    ..."{ } ( ) [ ] $x ${x} \" ' ` \\ | = =~ , a sum by rate 5m span. .a : - & *a #\n".split(" "),
    "\n  ",
    " ",
  );
  const text = fc
    .array(fc.oneof(part, fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 30 })
    .map((parts) => parts.join(""));
  const property = fc.property(text, (query) => {
    for (const taken of [takePromqlApart(query, new Map()), takeTraceqlApart(query, new Map())]) {
      assert.ok(["needs", "unreadable", "not judged"].includes(taken.type));
    }
    try {
      readDocuments(query);
    } catch (error) {
      assert.ok(error instanceof DocumentError, String(error));
    }
  });
  fc.assert(property, { seed, numRuns: 3_000 });
});

test("no document is too deep or too large", async () => {
  const variables = "${x} ".repeat(12_000);
  assert.equal(takePromqlApart(variables, new Map()).type, "not judged");
  assert.equal(takeTraceqlApart(variables, new Map()).type, "not judged");
  const deep = (open: string, close: string, depth: number) =>
    open.repeat(depth) + close.repeat(depth);
  await auditAll(`{"panels":${deep('[{"panels":', "}]", 2_000).replaceAll(":}", ":1}")}}`);
  await auditAll(
    JSON.stringify(classicBoard([{ title: "a", query: deep("(", ")", 30_000), by: "prometheus" }])),
  );
  await auditAll(JSON.stringify(classicBoard([{ title: "a", query: deep("{", "}", 30_000) }])));
  await auditAll(
    JSON.stringify(
      classicBoard([{ title: "a", query: `up${" + up".repeat(12_000)}`, by: "prometheus" }]),
    ),
  );
});
