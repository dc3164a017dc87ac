import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "./backoff.ts";

const delays = (backoff: Backoff, count: number) =>
  Array.from({ length: count }, () => backoff.nextDelayMs());

test("waits twice as long after each failure, up to a limit, and forgets them after a success", () => {
  const backoff = new Backoff({ firstDelayMs: 500, maxDelayMs: 30_000, isSpread: false });
  assert.deepEqual(delays(backoff, 8), [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  backoff.reset();
  assert.deepEqual(delays(backoff, 2), [500, 1000]);
});

test("spread, a delay is between half of it and all of it, and no two are the same", () => {
  const spread = () => new Backoff({ firstDelayMs: 100, maxDelayMs: 100, isSpread: true });
  const all = Array.from({ length: 50 }, () => spread().nextDelayMs());
  assert.ok(
    all.every((delay) => delay >= 50 && delay <= 100),
    String(all),
  );
  assert.ok(new Set(all).size > 40);
});
