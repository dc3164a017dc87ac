import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestClock } from "./request-scope.ts";

const nanoseconds = ([seconds, rest]: [number, number]): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(rest);

test("a request's times never go back, and lie where the wall clock is", () => {
  const wallClock = BigInt(Date.now()) * 1_000_000n;
  const minute = 60_000_000_000n;
  const clock = new RequestClock();
  let last = nanoseconds(clock.start());
  assert.ok(last > wallClock - minute && last < wallClock + minute);
  for (let look = 0; look < 100_000; look += 1) {
    const [seconds, rest] = clock.now();
    assert.ok(Number.isInteger(seconds) && Number.isInteger(rest) && rest >= 0 && rest < 1e9);
    const now = nanoseconds([seconds, rest]);
    assert.ok(now >= last);
    last = now;
  }
  assert.ok(clock.elapsedUs() >= Number((last - nanoseconds(clock.start())) / 1000n));
});

test("a request may have begun before its clock was made", () => {
  const clock = new RequestClock(process.hrtime.bigint() - 1_500_000_000n);
  assert.ok(nanoseconds(clock.now()) - nanoseconds(clock.start()) >= 1_500_000_000n);
  assert.ok(clock.elapsedUs() >= 1_500_000);
});
