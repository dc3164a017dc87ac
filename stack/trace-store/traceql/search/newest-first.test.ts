import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../../tests/support/temporary-directory.ts";
import { openStore } from "../../store/index.ts";
import { sampleSpan } from "../../testing/sample-span.ts";
import { createTraceqlEngine, type FoundTrace, type TraceqlEngine } from "../index.ts";

const traceCount = 400;
const secondNs = 1_000_000_000n;
const originNs = 1_763_800_000n * secondNs;
const everything = { startNs: null, endNs: null, limit: 1_000_000, spansPerSpanset: 1_000 };

/** Kinds of searches: those that a look at the newest spans decides, and those that it does not. */
const queries = [
  "{ }",
  '{ name = "leaf" }',
  '{ name = "leaf" && span.number < 3 }',
  '{ name = "root" } >> { name = "leaf" }',
  '{ name = "root" && span.number = 7 } >> { name = "leaf" }',
  '{ name = "root" && span.number = 8 } &>> { name = "leaf" }',
  '{ name = "late" } || { name = "middle" && span.number > 5 }',
  '{ name = "late" } && { name = "root" }',
  '{ name = "leaf" } | count() > 1',
  '{ name = "leaf" } | by(span.number) | count() > 1',
  "{ nestedSetParent < 0 }",
  '{ trace:rootName = "root" && name = "middle" && span.number = 4 }',
  "{ trace:duration > 1h }",
  "{ span:childCount > 1 }",
  '{ resource.service.name = "nobody" }',
  '{ name = "busy" }',
];

/** A span of a second each, one minute between the traces. */
function createSpan(trace: number, position: number, name: string, startNs: bigint): Span {
  return sampleSpan({
    traceId: (trace + 1).toString(16).padStart(32, "0"),
    spanId: (position + 1).toString(16).padStart(16, "0"),
    parentSpanId: position === 0 ? null : Math.min(position, 2).toString(16).padStart(16, "0"),
    name,
    startTimeUnixNano: startNs,
    endTimeUnixNano: startNs + secondNs,
    attributes: [{ key: "number", value: { type: "int", value: BigInt(trace % 10) } }],
  });
}

function createTrace(trace: number): Span[] {
  // Some start together.
  const startNs = originNs + BigInt(trace - (trace % 3 === 1 ? 1 : 0)) * 60n * secondNs;
  const spans = [
    createSpan(trace, 0, "root", startNs),
    createSpan(trace, 1, "middle", startNs + secondNs),
    createSpan(trace, 2, "leaf", startNs + 2n * secondNs),
    createSpan(trace, 3, "leaf", startNs + 3n * secondNs),
  ];
  const busy = busyStarts(trace).map((start, index) =>
    createSpan(trace, 5 + index, "busy", startNs + start),
  );
  // Some have a span that came from hours later, and some one of before all others.
  const farNs = trace % 9 === 0 ? 7_200n * secondNs : -9_000n * secondNs;
  return trace % 9 === 0 || trace % 13 === 0
    ? [...spans, createSpan(trace, 4, "late", startNs + farNs), ...busy]
    : [...spans, ...busy];
}

/** One trace has more newest spans than anybody looks at first; of some others the older have the newer. */
function busyStarts(trace: number): bigint[] {
  if (trace === traceCount - 1) {
    return Array.from({ length: 400 }, (_, index) => 10n * secondNs + BigInt(index));
  }
  return trace >= 10 && trace < 15 ? [BigInt(15 - trace) * 600n * secondNs] : [];
}

const traces = Array.from({ length: traceCount }, (_, trace) => createTrace(trace));
let engine: TraceqlEngine;

before(async () => {
  const store = await openStore([miniserve], { directory: temporaryDirectory() });
  // Not in their order, as they would come from several processes.
  const shuffled = traces.flat().sort((one, other) => (one.name < other.name ? -1 : 1));
  for (let first = 0; first < shuffled.length; first += 300) {
    await store.append(shuffled.slice(first, first + 300));
  }
  engine = createTraceqlEngine(store);
});

function getNewest({ spansets }: FoundTrace): bigint {
  const starts = spansets.flatMap(({ spans }) => spans.map(({ startNs }) => startNs));
  return starts.sort((one, other) => Number(one - other)).at(-1) ?? 0n;
}

type Order = (one: FoundTrace, other: FoundTrace) => number;

const newestSpanFirst: Order = (one, other) => {
  const difference = getNewest(other) - getNewest(one);
  return difference === 0n ? (one.traceId < other.traceId ? -1 : 1) : Number(difference);
};
/** Of those that start together the one with the larger id, as Tempo takes them. */
const newestTraceFirst: Order = (one, other) => {
  const difference = other.startNs - one.startNs;
  return difference === 0n ? (one.traceId < other.traceId ? 1 : -1) : Number(difference);
};

interface Wanted {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly limit: number;
  readonly order: Order;
}

/** By plain loops, from the answer over everything. */
function expected(all: readonly FoundTrace[], { startNs, endNs, limit, order }: Wanted): string[] {
  const overlapping = new Set(
    traces
      .flat()
      .filter((span) => span.startTimeUnixNano <= endNs && span.endTimeUnixNano >= startNs)
      .map(({ traceId }) => traceId),
  );
  return all
    .filter(({ traceId }) => overlapping.has(traceId))
    .sort(order)
    .slice(0, limit)
    .map(({ traceId }) => traceId);
}

/** In minutes from the first trace: all, the newest, some in the middle, between two traces, before and after all roots. */
const ranges = [
  [-1_000, 1_000],
  [380, 1_000],
  [100, 220],
  [150, 150.02],
  [-140, -100],
  [410, 500],
] as const;

for (const query of queries) {
  test(`the newest traces of a range, by their spans or their start: ${query}`, async () => {
    const all = await engine.search(query, everything);
    for (const [from, to] of ranges) {
      const startNs = originNs + BigInt(Math.round(from * 60)) * secondNs;
      const endNs = originNs + BigInt(Math.round(to * 60)) * secondNs;
      for (const limit of [1, 3, 1_000]) {
        const found = await engine.search(query, { ...everything, startNs, endNs, limit });
        assert.deepEqual(
          found.map(({ traceId }) => traceId).sort(),
          expected(all, { startNs, endNs, limit, order: newestSpanFirst }).sort(),
          `from ${from} to ${to}, limit ${limit}`,
        );
        const recent = await engine.search(`${query} with (most_recent=true)`, {
          ...everything,
          startNs,
          endNs,
          limit,
        });
        assert.deepEqual(
          recent.map(({ traceId }) => traceId),
          expected(all, { startNs, endNs, limit, order: newestTraceFirst }),
          `most recent from ${from} to ${to}, limit ${limit}`,
        );
        // Each with all of its spans, also those outside of the range.
        const whole = new Map(all.map((trace) => [trace.traceId, trace]));
        assert.deepEqual(
          found,
          found.map(({ traceId }) => whole.get(traceId)),
        );
      }
    }
  });
}
