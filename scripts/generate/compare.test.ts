import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DefinitionError, type GeneratedFile } from "#contract";
import { miniserve } from "#miniserve";
import { toServices } from "../../tests/support/services.ts";
import { applyChanges, differences, formatDifference, generateAll } from "./compare.ts";
import { serviceGenerators } from "./generators.ts";

const files: readonly GeneratedFile[] = [
  { path: "docs/generated/one.md", content: "one\ntwo\n" },
  { path: "stack/generated/tempo/two.yaml", content: "a: 1\n" },
];

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-generate-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function write(root: string, path: string, content: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), content);
}

function sentences(context: TestContext, found: Record<string, string>): string[] {
  const root = temporaryDirectory(context);
  for (const [path, content] of Object.entries(found)) {
    write(root, path, content);
  }
  return differences(root, files).map(formatDifference);
}

test("every difference is said, a differing file with its first differing line", (t) => {
  assert.deepEqual(
    sentences(t, {
      "docs/generated/one.md": "one\nthree\n",
      "docs/generated/old/three.md": "three\n",
    }),
    [
      "docs/generated/old/three.md: nothing generates it any more.",
      "docs/generated/one.md:2: differs.\n  generated: two\n  found:     three",
      "stack/generated/tempo/two.yaml: is missing.",
    ],
  );
  const [shorter] = sentences(t, { "docs/generated/one.md": "one\n" });
  assert.match(shorter ?? "", /one\.md:2: differs\.\n {2}generated: two\n {2}found: {5}$/);
  const [longer] = sentences(t, { "docs/generated/one.md": "one\ntwo\nthree\n" });
  assert.match(longer ?? "", /one\.md:3: differs\.\n {2}generated: \n {2}found: {5}three$/);
});

test("what differs is written, what is stale is removed, and nothing else is touched", (t) => {
  const root = temporaryDirectory(t);
  write(root, "docs/generated/stale.md", "stale\n");
  write(root, "docs/kept.md", "kept\n");
  applyChanges(root, files, differences(root, files));
  assert.deepEqual(differences(root, files), []);
  assert.equal(readFileSync(join(root, "docs/generated/one.md"), "utf8"), "one\ntwo\n");
  assert.equal(existsSync(join(root, "docs/generated/stale.md")), false);
  assert.equal(existsSync(join(root, "docs/kept.md")), true);
});

const services = toServices(miniserve);

test("generating twice gives the same bytes", async () => {
  assert.deepEqual(
    await generateAll(serviceGenerators, services),
    await generateAll(serviceGenerators, services),
  );
});

test("the faults of all generators are reported at once", async () => {
  const failing = (fault: string) => () => {
    throw new DefinitionError("files", [fault]);
  };
  const outside = () => [{ path: "docs/one.md", content: "one" }];
  const twice = () => [...files, ...files];
  await assert.rejects(
    generateAll([failing("a"), failing("b")], services),
    (error) => error instanceof DefinitionError && error.issues.join() === "a,b",
  );
  await assert.rejects(generateAll([outside], services), /not in a folder's generated/);
  await assert.rejects(generateAll([outside], services), /does not end with a new line/);
  await assert.rejects(generateAll([twice], services), /one\.md is generated twice/);
});
