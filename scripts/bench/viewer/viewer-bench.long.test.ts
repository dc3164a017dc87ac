import assert from "node:assert/strict";
import { test } from "node:test";
import { BenchCommand } from "../testing/bench-command.ts";
import { findChromium } from "./chromium.ts";

interface Report {
  readonly parts: readonly { readonly name: string; readonly values: unknown }[];
}

test("a small run opens the dashboard, asks its queries again, and leaves nothing behind", {
  skip: findChromium(process.env.CHROMIUM_BIN) === undefined && "there is no Chromium",
}, async (context) => {
  const command = new BenchCommand(context, ["viewer", "--quick", "--json"]);
  const { code, stdout, stderr } = await command.result;
  assert.equal(code, 0, stderr);
  const { parts } = JSON.parse(stdout) as Report;
  assert.deepEqual(
    parts.map(({ name }) => name),
    ["first-dashboard", "bundle", "idle"],
  );
  const [openings, assets, idle] = parts.map(({ values }) => values) as [
    { completeMs: number; panelsMs: number; queriesMs: number; queries: number }[],
    { name: string; gzippedBytes: number }[],
    { cpuMs: number },
  ];
  assert.equal(openings.length, 2);
  for (const { completeMs, panelsMs, queriesMs, queries } of openings) {
    assert.ok(queries > 20 && queriesMs > 0 && completeMs > panelsMs && panelsMs > 0);
  }
  assert.deepEqual(assets.map(({ name }) => name).sort(), ["viewer.css", "viewer.js"]);
  assert.ok(assets.every(({ gzippedBytes }) => gzippedBytes > 1000));
  assert.ok(idle.cpuMs >= 0);
  assert.match(stderr, /Goal (reached|MISSED): the first dashboard complete/);
  await command.assertNothingIsLeft();
});
