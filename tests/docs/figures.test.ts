/** Whoever reads a measured figure can measure it again: beside it stands the command. */
import assert from "node:assert/strict";
import { join, normalize } from "node:path";
import { test } from "node:test";
import { type Page, readPage, readPages } from "./pages.ts";

const command = /\b(npm (test|start|run)|stack:up|docker|helm|kubectl|ci\/run)\b/;
const quantity = /\d ?(%|times|(ms|µs|s|min|[KMG]B|[KMG]iB|bytes|spans\/s|tokens\/s)\b)/;
/** Heads of columns that hold what was seen, and not what is set. */
const measuredHead = /^(figure|measured|result|back after|ratio|.*(ms|tokens\/s))$/;

/** The tables of a text that hold measurements, by their first line. */
function measuredTables(text: string): string[] {
  return [...text.matchAll(/(?:^\|.*\n)+/gm)].flatMap(([table]) => {
    const [head = "", , ...rows] = table.split("\n");
    const isMeasured = head.split("|").some((cell) => measuredHead.test(cell.trim()));
    return isMeasured && rows.some((row) => quantity.test(row)) ? [head] : [];
  });
}

/** Of a page's first link that leads to a page of figures. */
function namesCommand(page: Page, section: string): boolean {
  if (command.test(section)) {
    return true;
  }
  const [, linked] = /\]\(([^)#]*benchmarks\.md)/.exec(section) ?? [];
  return (
    linked !== undefined && command.test(readPage(normalize(join(page.path, "..", linked))).text)
  );
}

test("each table of measured figures names its command", () => {
  const tables = readPages().flatMap((page) =>
    page.text.split(/^(?=## )/m).flatMap((section) =>
      measuredTables(section).map((head) => ({
        where: `${page.path}: ${section.split("\n", 1)[0]}: ${head}`,
        isGood: namesCommand(page, section),
      })),
    ),
  );
  assert.ok(tables.length > 6, `only ${tables.length} such tables were found`);
  assert.deepEqual(
    tables.filter(({ isGood }) => !isGood).map(({ where }) => where),
    [],
  );
});
