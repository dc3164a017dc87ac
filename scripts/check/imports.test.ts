/** The import rules stand in biome.json. Here faults are planted, and Biome must find each of them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { seedRepository } from "../testing/seeded-repository.ts";

const importRules = ["noRestrictedImports", "noImportCycles", "noUndeclaredDependencies"];

interface Diagnostic {
  category: string;
  message: string;
  location: { path: string; start: { line: number } };
}

/** What Biome reports with the project's own configuration: `file:line message`. */
function importFaults(context: TestContext, files: Record<string, string>): string[] {
  const root = seedRepository(context, files);
  copyFileSync("biome.json", join(root, "biome.json"));
  const biome = resolve("node_modules/@biomejs/biome/bin/biome");
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [biome, "lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none", "."],
    { cwd: root, encoding: "utf8" },
  );
  assert.notEqual(stdout, "", stderr);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  return diagnostics
    .filter(({ category }) => importRules.some((rule) => category.endsWith(`/${rule}`)))
    .map(({ location, message }) => `${location.path}:${location.start.line}: ${message}`);
}

const manifest = JSON.stringify({
  name: "miniserve",
  exports: { "./contract": "./contract/index.ts" },
  dependencies: { pino: "1.0.0" },
  devDependencies: { "fast-check": "1.0.0" },
});

/** A repository in which every import is allowed. */
const sound = {
  "package.json": manifest,
  "contract/index.ts": 'export { define } from "./define.ts";',
  "contract/define.ts": "export const define = 1;",
  "contract/define.test.ts": 'import "node:test"; import "fast-check"; import "./define.ts";',
  "server/main.ts": 'import { define } from "#contract"; import "node:fs"; import "pino"; define;',
  "server/main.test.ts": 'import "../tests/support/receiver.ts"; import "fast-check";',
  "stack/index.ts": "export const stack = 1;",
  "stack/store/testing/spans.ts": 'import "fast-check"; export const spans = 1;',
  "stack/store/store.test.ts": 'import { spans } from "./testing/spans.ts"; spans;',
  "scripts/generate.ts": 'import { stack } from "../stack/index.ts"; stack;',
  "examples/shop/contract.ts": 'import { define } from "miniserve/contract"; define;',
  "tests/support/receiver.ts": 'import { stack } from "../../stack/index.ts"; stack;',
};

test("a sound repository has no faults", (context) => {
  assert.deepEqual(importFaults(context, sound), []);
});

const violations: { name: string; file: string; source: string; expected: RegExp }[] = [
  {
    name: "another folder",
    file: "server/a.ts",
    source: '\nimport { stack } from "../stack/index.ts"; stack;',
    expected: /^server\/a\.ts:2: A folder imports only itself and the shared modules/,
  },
  {
    name: "another folder, for a type",
    file: "server/a.ts",
    source: 'import type { Stack } from "../stack/index.ts"; export type A = Stack;',
    expected: /A folder imports only itself/,
  },
  {
    name: "another folder, while running",
    file: "stack/a.ts",
    source: 'await using file = open(); await import("../server/main.ts");',
    expected: /A folder imports only itself/,
  },
  {
    name: "an example",
    file: "stack/a.ts",
    source: 'import "../examples/shop/contract.ts";',
    expected: /A folder imports only itself/,
  },
  {
    name: "the checkout, by its inside, in an example",
    file: "examples/shop/a.ts",
    source: 'import { define } from "../../contract/index.ts"; define;',
    expected: /An example is what a user writes/,
  },
  {
    name: "the checkout, by a name of its own, in an example",
    file: "examples/shop/a.ts",
    source: 'import { define } from "#contract"; define;',
    expected: /An example is what a user writes/,
  },
  {
    name: "another folder, passed on",
    file: "stack/a.ts",
    source: 'export * from "../server/main.ts";',
    expected: /A folder imports only itself/,
  },
  {
    name: "another folder, from a test beside the code",
    file: "server/a.test.ts",
    source: 'import "../stack/index.ts";',
    expected: /a test that crosses folders belongs in tests\//,
  },
  {
    name: "a test's support, from plain code",
    file: "server/a.ts",
    source: 'import "../tests/support/receiver.ts";',
    expected: /A folder imports only itself/,
  },
  {
    name: "what is for tests, from plain code of the folder",
    file: "stack/a.ts",
    source: 'import "./store/testing/spans.ts";',
    expected: /Plain code does not use what is for tests/,
  },
  {
    name: "the contract by its path",
    file: "server/a.ts",
    source: 'import { define } from "../contract/index.ts"; define;',
    expected: /shared modules of contract/,
  },
  {
    name: "the inside of the contract",
    file: "server/a.ts",
    source: 'import { define } from "../contract/define.ts"; define;',
    expected: /A folder imports only itself/,
  },
  {
    name: "the contract's own name within it",
    file: "contract/a.ts",
    source: 'import { define } from "#contract"; define;',
    expected: /Within contract\//,
  },
  {
    name: "I/O in the contract",
    file: "contract/a.ts",
    source: 'import type { Stats } from "node:fs"; export type A = Stats;',
    expected: /contract\/ has no I\/O and no dependency/,
  },
  {
    name: "a development dependency in plain code",
    file: "server/a.ts",
    source: 'import check from "fast-check"; check;',
    expected: /fast-check isn't specified/,
  },
  {
    name: "a package that nobody declares",
    file: "tests/a.test.ts",
    source: 'import "@scope/unknown/deep.js";',
    expected: /isn't specified in package.json/,
  },
  {
    name: "a cycle",
    file: "stack/a.ts",
    source: 'import type { B } from "./b.ts"; export type A = B;',
    expected: /^stack\/a\.ts:1: .*cycle/,
  },
];

for (const { name, file, source, expected } of violations) {
  test(`a planted violation is found: ${name}`, (context) => {
    const partner = { "stack/b.ts": 'import type { A } from "./a.ts"; export type B = A;' };
    const cyclic = name === "a cycle" ? partner : {};
    const faults = importFaults(context, { ...sound, ...cyclic, [file]: source });
    // Biome names both ends of a cycle.
    assert.equal(faults.length, name === "a cycle" ? 2 : 1, faults.join("\n"));
    assert.match(faults[0] ?? "", expected);
  });
}

test("a script that reaches inside a folder is found", (context) => {
  const faults = importFaults(context, {
    ...sound,
    "server/http/routes.ts": "export {};",
    "scripts/a.ts": 'import "../server/http/routes.ts";',
  });
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? "", /index\.ts and entry modules only/);
});
