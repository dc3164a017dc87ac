import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { knownSurvivors, reasonToSurvive } from "./known-survivors.ts";
import { applied, createMutants, spread } from "./make-mutants.ts";
import { targets } from "./targets.ts";

const root = join(import.meta.dirname, "../..");

function damaged(source: string, texts?: "all" | readonly string[]): string[] {
  return createMutants("a.ts", source, texts).map((mutant) => applied(mutant, source));
}

test("what is compared and calculated is damaged, once in each mutant", () => {
  assert.deepEqual(damaged("a > b && !c"), ["a >= b && !c", "a > b || !c", "a > b && c"]);
  assert.deepEqual(damaged("x === 1 ? y - 2n : true"), [
    "x !== 1 ? y - 2n : true",
    "x === 2 ? y - 2n : true",
    "x === 1 ? y + 2n : true",
    "x === 1 ? y - 3n : true",
    "x === 1 ? y - 2n : false",
  ]);
});

test("comparisons in SQL are damaged too, and nothing else in texts", () => {
  assert.deepEqual(damaged("sql(`a >= ${b} AND c`)"), [
    "sql(`a > ${b} AND c`)",
    "sql(`a >= ${b} OR c`)",
  ]);
  assert.deepEqual(damaged('say("red")'), []);
});

test("types and imports are left alone", () => {
  assert.deepEqual(damaged('import x from "x"; type A = 1 | "b"; let c: false;', "all"), []);
});

test("texts are damaged where that is asked for", () => {
  assert.deepEqual(damaged('f({ unit: "ms", title: "T" })', ["unit"]), [
    'f({ unit: "ms.", title: "T" })',
  ]);
  assert.deepEqual(damaged("f(`by:${name}`)", "all"), ['f(`by:${""}`)']);
});

test("a bounded run takes mutants from everywhere", () => {
  const mutants = createMutants("a.ts", "[1, 2, 3, 4, 5, 6, 7, 8, 9]");
  assert.deepEqual(
    spread(mutants, 3).map(({ before }) => before),
    ["1", "4", "7"],
  );
  assert.equal(spread(mutants, 100).length, 9);
});

test("each target has files and tests", () => {
  for (const { name, files, tests } of targets) {
    for (const pattern of [...files, ...tests]) {
      assert.ok(globSync(pattern, { cwd: root }).length > 0, `${name}: ${pattern}`);
    }
  }
});

test("each known survivor can still be made, and has a reason", () => {
  for (const known of knownSurvivors) {
    const target = targets.find(({ files }) =>
      files.some((pattern) => globSync(pattern, { cwd: root }).includes(known.file)),
    );
    const source = readFileSync(join(root, known.file), "utf8");
    const reasons = createMutants(known.file, source, target?.texts)
      .map((mutant) => reasonToSurvive(mutant, source))
      .filter((reason) => reason === known.reason);
    assert.ok(known.reason !== "" && reasons.length > 0, `${known.file}: ${known.text}`);
  }
});
