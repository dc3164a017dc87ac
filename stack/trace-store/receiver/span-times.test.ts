import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleSpan } from "../testing/sample-span.ts";
import { SpanTimes } from "./ingest.ts";

const secondNs = 1_000_000_000n;
const minuteNs = 60n * secondNs;
const dayNs = 24n * 60n * minuteNs;
/** A whole minute. */
const minute = 1_763_800_020n * secondNs;
const largest = 2n ** 64n - 1n;

/** What becomes of a start, an end and events that came 30 s into the minute, and how many were moved. */
function moved(start: bigint, end: bigint, events: readonly bigint[] = []) {
  const times = new SpanTimes(Number((minute + 30n * secondNs) / 1_000_000n));
  const span = times.apply(
    sampleSpan({
      startTimeUnixNano: start,
      endTimeUnixNano: end,
      events: events.map((timeUnixNano) => ({
        timeUnixNano,
        name: "",
        attributes: [],
        droppedAttributesCount: 0,
      })),
    }),
  );
  return {
    start: span.startTimeUnixNano,
    end: span.endTimeUnixNano,
    events: span.events.map(({ timeUnixNano }) => timeUnixNano),
    count: times.moved,
  };
}

test("times that can be are left alone, also those of clocks that are ahead, and of long ago", () => {
  const early = minute - 1000n * dayNs;
  for (const [start, end] of [
    [minute - secondNs, minute],
    [minute + dayNs, minute + dayNs],
    [early, minute],
    [1n, 1n],
  ] as const) {
    assert.deepEqual(moved(start, end, [start - 1n || 1n]), {
      start,
      end,
      events: [start - 1n || 1n],
      count: 0,
    });
    const span = sampleSpan({ startTimeUnixNano: start, endTimeUnixNano: end });
    assert.equal(new SpanTimes(Number(minute / 1_000_000n)).apply(span), span, "the same object");
  }
});

test("what has no time has that of its span, or of its arrival", () => {
  const start = minute - secondNs;
  assert.deepEqual(moved(0n, start, [0n]), { start, end: start, events: [start], count: 2 });
  assert.deepEqual(moved(start, 0n), { start, end: start, events: [], count: 1 });
  assert.deepEqual(moved(0n, 0n), { start: minute, end: minute, events: [], count: 2 });
  assert.deepEqual(moved(0n, largest), { start: minute, end: minute, events: [], count: 2 });
});

test("what lies in a future that cannot be was in the minute of its arrival", () => {
  const start = minute - secondNs;
  assert.deepEqual(moved(start, largest, [2n ** 63n, start + 1n]), {
    start,
    end: minute,
    events: [minute, start + 1n],
    count: 2,
  });
  const far = 2n ** 63n;
  assert.deepEqual(moved(far, far + 7n, [far + 3n]), {
    start: minute,
    end: minute + 7n,
    events: [minute + 3n],
    count: 3,
  });
  const ahead = minute + dayNs - 1n;
  assert.deepEqual(moved(ahead, largest), { start: ahead, end: ahead, events: [], count: 1 });
});
