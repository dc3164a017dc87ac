import assert from "node:assert/strict";
import { test } from "node:test";
import { BackOff } from "./back-off.ts";

test("waits longer after each fall, up to a limit, and forgets them after a recovery", () => {
  const backOff = new BackOff();
  const delays = Array.from({ length: 8 }, () => backOff.nextDelayMs(100));
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.equal(backOff.nextDelayMs(3_600_000), 500);
  assert.equal(backOff.nextDelayMs(100), 1000);
});
