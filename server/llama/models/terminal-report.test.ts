import assert from "node:assert/strict";
import { test } from "node:test";
import { terminalReport } from "./model-report.ts";

function show(isTTY: boolean): string {
  const written: string[] = [];
  const report = terminalReport({ isTTY, write: (text) => written.push(text) });
  const place = { step: "hub", source: "the hub" } as const;
  report.onStep({ ...place, status: "started", detail: "Downloading." });
  for (let receivedBytes = 0; receivedBytes <= 2_000_000; receivedBytes += 4_000) {
    report.onProgress({ ...place, receivedBytes, totalBytes: 2_000_000 });
  }
  report.onStep({ ...place, status: "done", detail: "Verified." });
  return written.join("");
}

test("a terminal gets one line for the transfer, rewritten at every per cent", () => {
  const lines = show(true).split("\n");
  assert.equal(lines.length, 4);
  assert.equal(lines[0], "model: started the hub: Downloading.");
  const states = lines[1]?.split("\r") ?? [];
  assert.equal(states.length, 102);
  assert.equal(states[51], `model: [${"#".repeat(15)}${".".repeat(15)}]  50 % of 2.0 MB`);
  assert.equal(states.at(-1), `model: [${"#".repeat(30)}] 100 % of 2.0 MB`);
  assert.equal(lines[2], "model: done    the hub: Verified.");
});

test("elsewhere there is a line for every ten per cent", () => {
  const lines = show(false).split("\n");
  assert.equal(lines.length, 2 + 11 + 1);
  assert.ok(!show(false).includes("\r"));
  assert.match(lines[4] ?? "", / 30 % of 2\.0 MB$/);
});

test("a second transfer begins its own line", () => {
  const written: string[] = [];
  const report = terminalReport({ isTTY: false, write: (text) => written.push(text) });
  const first = { step: "hub", source: "a", receivedBytes: 0, totalBytes: 10 } as const;
  report.onProgress(first);
  report.onStep({ step: "hub", source: "a", status: "failed", detail: "Cut." });
  report.onProgress({ ...first, step: "package", source: "b" });
  assert.equal(written.length, 3);
});
