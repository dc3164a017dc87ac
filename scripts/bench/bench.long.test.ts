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
