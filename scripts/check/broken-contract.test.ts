import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

test("a contract that cannot be loaded keeps no check from its work", (t) => {
  const root = mkdtempSync(join(tmpdir(), "miniserve-broken-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const name of [
    "contract",
    "dashboards",
    "miniserve.config.ts",
    "package.json",
    "package-lock.json",
    "provisioning",
    "scripts",
    "server",
    "stack",
  ]) {
    cpSync(name, join(root, name), { recursive: true });
  }
  symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  appendFileSync(
    join(root, "contract/miniserve/attributes.ts"),
    'throw new Error("on purpose");\n',
  );
  const { status, stdout } = spawnSync(
    process.execPath,
    ["scripts/check.ts", "lockfile", "generated"],
    { cwd: root, encoding: "utf8", env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" } },
  );
  assert.match(stdout, /^ok .* lockfile: /m);
  assert.match(stdout, /^FAILED .* generated: /m);
  assert.match(stdout, /on purpose/);
  assert.equal(status, 1);
});
