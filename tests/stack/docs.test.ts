import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stackErrors } from "../../stack/command/stack-error.ts";
import { portVariables, readStackConfig, stackSettings } from "../../stack/config.ts";
import { checkout } from "./stack-under-test.ts";

/** The cells of the table under a heading, without its head. */
function tableUnder(heading: string): string[][] {
  const document = readFileSync(join(checkout, "docs", "stack.md"), "utf8");
  const [, after = ""] = document.split(`\n## ${heading}\n`);
  const rows = after.split("\n## ")[0]?.split("\n") ?? [];
  return rows
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line) => line.slice(2, -2).split(" | "));
}

test("stack.md has every setting of the stack's commands, and no other", () => {
  assert.deepEqual(
    tableUnder("Settings"),
    Object.entries(stackSettings).map(([variable, { default: value, meaning }]) => [
      `\`${variable}\``,
      value === "" ? "" : `\`${value}\``,
      meaning,
    ]),
  );
  const unknown = Object.values(portVariables).filter((variable) => !(variable in stackSettings));
  assert.deepEqual(unknown, []);
});

test("without settings the defaults count", () => {
  const { ports, directory, logFile } = readStackConfig({});
  for (const [name, variable] of Object.entries(portVariables)) {
    assert.equal(String(ports[name as keyof typeof ports]), stackSettings[variable].default);
  }
  assert.equal(directory, join(checkout, stackSettings.STACK_DIR.default));
  assert.equal(logFile, join(checkout, stackSettings.MINISERVE_LOG_FILE.default));
});

test("stack.md has every error code of the stack's commands, and no other", () => {
  assert.deepEqual(
    tableUnder("Errors"),
    Object.entries(stackErrors).map(([code, meaning]) => [`\`${code}\``, meaning]),
  );
});
