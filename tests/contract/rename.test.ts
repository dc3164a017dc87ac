/** Generated files follow the contract: whatever is renamed there has its new name everywhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Contract, type GeneratedFile, miniserve } from "#contract";
import { countMentions } from "../../scripts/contract-diff/name-uses.ts";
import { generateAll } from "../../scripts/generate/compare.ts";
import { generators } from "../../scripts/generate/generators.ts";
import { listWireNames, withWireName } from "../support/wire-names.ts";

const suffix = "_renamed7";
/** Queries of another contract's spans, and OpenTelemetry's names. */
const ofOthers = [
  "docs/generated/traceql-support.md",
  "contract/generated/semantic-conventions.ts",
];
const generated = (contract: Contract) =>
  generateAll(generators, contract).filter(({ path }) => !ofOthers.includes(path));
const files = generated(miniserve);
const identifiers = new Set(
  [miniserve.attributes, miniserve.spans, miniserve.metrics ?? {}, miniserve.logEvents].flatMap(
    Object.keys,
  ),
);

/** How often each file uses a name, by path; files that do not are left out. */
function usesByFile(all: readonly GeneratedFile[], name: string): Record<string, number> {
  return Object.fromEntries(
    all
      .map(({ path, content }) => [path, countMentions(content, name)] as const)
      .filter(([, count]) => count > 0),
  );
}

/** The contract's own page and data show identifiers too, and one may be the same as a name. */
function mayStay(path: string, name: string): boolean {
  return path.startsWith("docs/generated/contract.") && identifiers.has(name);
}

for (const { kind, identifier, name } of listWireNames(miniserve)) {
  test(`the ${kind} ${identifier}, renamed, has its new name wherever it had its old one`, () => {
    const newName = `${name}${suffix}`;
    const renamed = generated(withWireName(miniserve, name, newName));
    assert.deepEqual(
      renamed.map(({ path }) => path),
      files.map(({ path }) => path),
    );
    const before = Object.entries(usesByFile(files, name));
    assert.ok(before.length >= 3, `only ${before.length} files use ${name}`);
    const after = usesByFile(renamed, newName);
    const left = Object.entries(usesByFile(renamed, name));
    assert.deepEqual(
      left.filter(([path]) => !mayStay(path, name)),
      [],
    );
    assert.deepEqual(
      Object.fromEntries(before.filter(([path]) => !mayStay(path, name))),
      Object.fromEntries(Object.entries(after).filter(([path]) => !mayStay(path, name))),
    );
    for (const [path] of before) {
      assert.ok(after[path], `${path} does not have ${newName}`);
    }
  });
}
