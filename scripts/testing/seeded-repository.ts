import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

/** For tests: a small repository in a temporary folder, to seed faults in. */

/** Writes the files, by path, and removes them when the test ends. Returns the folder. */
export function seedRepository(test: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "miniserve-seeded-"));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}
