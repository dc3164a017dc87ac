import assert from "node:assert/strict";
import { test } from "node:test";
import { BenchCommand } from "./testing/bench-command.ts";

const isLinux = process.platform === "linux";

test("a signal ends all that runs, and removes what it left", {
  skip: !isLinux,
}, async (context) => {
  const command = new BenchCommand(context, ["server", "--only", "memory"]);
  await new Promise((resolve) => command.child.stdout?.once("data", resolve));
  // The command itself, the trace store and the server.
  assert.ok(command.processes.length >= 3, `${command.processes.length} processes`);
  command.child.kill("SIGINT");
  const { code } = await command.result;
  assert.equal(code, 130);
  await command.assertNothingIsLeft();
});

test("what cannot be measured is refused before anything is started", async (context) => {
  const cases = [
    { options: [], code: /usage_invalid/ },
    { options: ["everything"], code: /usage_invalid/ },
    { options: ["server", "--pairs", "0"], code: /usage_invalid/ },
    { options: ["server", "--only", "nothing"], code: /usage_invalid/ },
    { options: ["server", "--spans", "20000"], code: /usage_invalid/ },
    { options: ["traceql", "--only", "memory"], code: /usage_invalid/ },
    { options: ["traceql", "--spans", "many"], code: /usage_invalid/ },
  ];
  for (const { options, code } of cases) {
    const command = new BenchCommand(context, options);
    const result = await command.result;
    assert.equal(result.code, 2);
    assert.match(result.stderr, code);
  }
});
