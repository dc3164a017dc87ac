import assert from "node:assert/strict";
import { test } from "node:test";
import { describeRange, localTime, parseInterval, parseTime, resolveRange } from "./time-range.ts";

/** In the zone of whoever runs this, as the times of a page are. */
const now = new Date(2026, 10, 26, 10, 20, 30, 456).getTime();
const at = (...parts: [number, number, number, number?, number?, number?, number?]) =>
  new Date(...parts).getTime();

const cases: readonly (readonly [text: string, edge: "start" | "end", ms: number | undefined])[] = [
  ["now", "end", now],
  ["now-1h", "start", now - 3_600_000],
  ["now-90s", "start", now - 90_000],
  ["now+5m", "end", now + 300_000],
  ["now-1h-30m", "start", now - 5_400_000],
  ["now/d", "start", at(2026, 10, 26)],
  ["now/d", "end", at(2026, 10, 27) - 1],
  ["now-1d/d", "start", at(2026, 10, 25)],
  ["now/h", "start", at(2026, 10, 26, 10)],
  ["now/m", "end", at(2026, 10, 26, 10, 21) - 1],
  // Weeks begin on Mondays.
  ["now/w", "start", at(2026, 10, 23)],
  ["now/M", "start", at(2026, 10, 1)],
  ["now-1M/M", "end", at(2026, 10, 1) - 1],
  ["now/y", "start", at(2026, 0, 1)],
  ["1764151200000", "start", 1_764_151_200_000],
  ["2026-11-26 10:00", "start", at(2026, 10, 26, 10)],
  ["2026-11-26 10:00:05", "start", at(2026, 10, 26, 10, 0, 5)],
  ["2026-11-26", "start", at(2026, 10, 26)],
  ["2026-11-26T10:00:00Z", "start", Date.UTC(2026, 10, 26, 10)],
  ["now-1", "start", undefined],
  ["now-1x", "start", undefined],
  ["yesterday", "start", undefined],
  ["2026-13-40", "start", undefined],
  ["", "start", undefined],
];

for (const [text, edge, ms] of cases) {
  test(`the ${edge} "${text}"`, () => assert.equal(parseTime(text, now, edge), ms));
}

test("a range is none when a time is none, or when it ends before it starts", () => {
  assert.deepEqual(resolveRange({ from: "now-1h", to: "now" }, now), {
    fromMs: now - 3_600_000,
    toMs: now,
  });
  assert.equal(resolveRange({ from: "now", to: "now-1h" }, now), undefined);
  assert.equal(resolveRange({ from: "then", to: "now" }, now), undefined);
});

test("ranges are said in words, and in times where they have none", () => {
  assert.equal(describeRange({ from: "now-1h", to: "now" }), "Last hour");
  assert.equal(describeRange({ from: "now-15m", to: "now" }), "Last 15 minutes");
  assert.equal(describeRange({ from: "now-1d/d", to: "now" }), "now-1d/d to now");
  assert.equal(
    describeRange({ from: String(now), to: String(now + 1000) }),
    "2026-11-26 10:20:30 to 2026-11-26 10:20:31",
  );
  assert.equal(localTime(now, { withMilliseconds: true }), "2026-11-26 10:20:30.456");
});

test("intervals of asking again", () => {
  assert.equal(parseInterval("30s"), 30_000);
  assert.equal(parseInterval("1m"), 60_000);
  assert.equal(parseInterval("1d"), 86_400_000);
  assert.equal(parseInterval(""), undefined);
  assert.equal(parseInterval("often"), undefined);
});
