import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

/** More than a pipe holds, many times. */
const tests = 10_000;

test("no test of a file with many is lost, and a failure of the last is seen", {
  timeout: 120_000,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "miniserve-tests-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const file = join(folder, "many.test.ts");
  writeFileSync(
    file,
    `import { test } from "node:test";
for (let index = 1; index <= ${tests}; index++) {
  test(\`number \${index} \${"x".repeat(400)}\`, () => { if (index === ${tests}) throw new Error("the last"); });
}
`,
  );
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const command = ["--import", "tsx", "scripts/test.ts", file];
  const options = {
    cwd: resolve(import.meta.dirname, ".."),
    env,
    encoding: "utf8",
    maxBuffer: 1e8,
  } as const;
  const { status, stdout } = spawnSync(process.execPath, command, options);
  const summary = stdout.split("\n").filter((line) => /^ℹ (tests|fail) /.test(line));
  assert.deepEqual([...summary, status], [`ℹ tests ${tests}`, "ℹ fail 1", 1]);
});
