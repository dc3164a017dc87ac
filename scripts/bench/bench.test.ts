import assert from "node:assert/strict";
import { test } from "node:test";
import type { Spread } from "./statistics.ts";
import { BenchCommand } from "./testing/bench-command.ts";

const isLinux = process.platform === "linux";

interface Report {
  readonly machine: { readonly cpus: number; readonly load: number };
  readonly parts: readonly { readonly name: string; readonly values: unknown }[];
}

test("the throughput of both sides, at all numbers of streams", {
  skip: !isLinux,
}, async (context) => {
  const options = ["server", "--only", "throughput", "--pairs", "1", "--json"];
  const command = new BenchCommand(context, options);
  const { code, stdout, stderr } = await command.result;
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout) as Report;
  assert.ok(report.machine.cpus > 0);
  assert.deepEqual(
    report.parts.map(({ name }) => name),
    ["throughput"],
  );
  const compared = report.parts[0]?.values as {
    streams: number;
    server: Spread;
    bare: Spread;
    ratio: Spread;
  }[];
  assert.deepEqual(
    compared.map(({ streams }) => streams),
    [1, 2, 4, 8],
  );
  for (const { streams, server, bare, ratio } of compared) {
    const count = streams === 1 ? 2 : 1;
    assert.deepEqual([server.count, bare.count, ratio.count], [count, count, count]);
    assert.ok(ratio.min > 0 && ratio.min <= ratio.median && ratio.median <= ratio.max);
  }
  assert.match(stderr, /Goal (reached|MISSED): at least 0\.98/);
  await command.assertNothingIsLeft();
});

test("memory is read ten times, on a quick run without a verdict", {
  skip: !isLinux,
}, async (context) => {
  const command = new BenchCommand(context, ["server", "--only", "memory", "--quick", "--json"]);
  const { code, stdout, stderr } = await command.result;
  assert.equal(code, 0, stderr);
  const { parts } = JSON.parse(stdout) as Report;
  const [{ values } = { values: { readings: [] } }] = parts;
  const { readings } = values as { readings: { requests: number; mebibytes: number }[] };
  assert.deepEqual(
    readings.map(({ requests }) => requests),
    [50, 100, 150, 200, 250, 300, 350, 400, 450, 500],
  );
  assert.ok(readings.every(({ mebibytes }) => mebibytes > 10 && mebibytes < 10_000));
  assert.doesNotMatch(stderr, /Goal/);
  await command.assertNothingIsLeft();
});

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
