import assert from "node:assert/strict";
import { test } from "node:test";
import { ReaderActivity } from "./reader-pool.ts";

/** Time passes only while somebody sleeps. @param atTime What happens at which millisecond. */
function activityAtHand(atTime: Readonly<Record<number, () => void>> = {}) {
  const times = { nowMs: 0 };
  const activity = new ReaderActivity({
    nowMs: () => times.nowMs,
    sleep: async (milliseconds) => {
      for (let passed = 0; passed < milliseconds; passed += 1) {
        times.nowMs += 1;
        atTime[times.nowMs]?.();
      }
    },
  });
  return { activity, times };
}

test("a part of a commit waits until a quick query has ended, and whether another follows it", async () => {
  let [end, endNext] = [() => {}, () => {}];
  const { activity, times } = activityAtHand({
    6: () => {
      end();
      endNext = activity.begin();
    },
    12: () => endNext(),
  });
  end = activity.begin();
  await activity.pause();
  assert.ok(times.nowMs >= 15 && times.nowMs <= 17, String(times.nowMs));
});

test("it waits for a stream of queries no longer than its bound, and for slow ones not at all", async () => {
  const { activity, times } = activityAtHand();
  activity.begin();
  await activity.pause();
  assert.ok(times.nowMs >= 25 && times.nowMs <= 27, String(times.nowMs));
  times.nowMs = 1_000;
  await activity.pause();
  assert.equal(times.nowMs, 1_000);
});

test("without readers nothing waits", async () => {
  const { activity, times } = activityAtHand();
  await activity.pause();
  assert.equal(times.nowMs, 0);
});
