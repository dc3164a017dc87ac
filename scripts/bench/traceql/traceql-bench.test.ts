import assert from "node:assert/strict";
import { test } from "node:test";
import { BenchCommand } from "../testing/bench-command.ts";

interface Report {
  readonly tempo: string | null;
  readonly parts: readonly { readonly name: string; readonly values: unknown }[];
}

interface MeasuredShape {
  readonly shape: { readonly name: string; readonly kind: string };
  readonly store: { readonly count: number; readonly p50Ms: number; readonly p95Ms: number };
  readonly content: { readonly store: { readonly size: number; readonly total: number } };
}

test("a small run measures every part, and its answers are those of the spans it sent", {
  skip: process.platform !== "linux",
}, async (context) => {
  const options = ["traceql", "--spans", "4000", "--pairs", "3", "--json"];
  const command = new BenchCommand(context, options);
  const { code, stdout, stderr } = await command.result;
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout) as Report;
  assert.equal(report.tempo, null);
  assert.deepEqual(
    report.parts.map(({ name }) => name),
    ["ingest-4000", "reads-4000", "reads-during-ingest-4000", "footprint-4000"],
  );
  const [ingest, reads, together, footprint] = report.parts.map(({ values }) => values) as [
    { spans: number; spansPerSecond: number; sent: { spans: number }; single: { spans: number } },
    MeasuredShape[],
    { sent: { spans: number } },
    { spans: number; diskBytes: number; bytesPerSpan: number },
  ];
  assert.equal(ingest.sent.spans + ingest.single.spans, ingest.spans);
  assert.ok(ingest.spansPerSecond > 0);
  assert.equal(reads.length, 8);
  for (const { store } of reads) {
    assert.equal(store.count, 3);
    assert.ok(store.p50Ms > 0 && store.p50Ms <= store.p95Ms);
  }
  // Each span counts a sixtieth in a step of a minute.
  const rate = reads.find(({ shape }) => shape.name.startsWith("rate()"));
  assert.equal(Math.round((rate?.content.store.total ?? 0) * 60), ingest.spans);
  assert.ok(reads.every(({ content }) => content.store.size > 0));
  assert.equal(footprint.spans, ingest.spans + together.sent.spans);
  assert.equal(footprint.bytesPerSpan, footprint.diskBytes / footprint.spans);
  assert.match(stderr, /Goal (reached|MISSED): durable ingest/);
  await command.assertNothingIsLeft();
});
