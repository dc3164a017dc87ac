import assert from "node:assert/strict";
import { test } from "node:test";
import { computeDigest, differingSettings } from "./stack-state.ts";

const startedAt = "2026-01-02T03:04:05.678Z";

test("names what is set otherwise, in one or in the other", () => {
  const running = computeDigest({ SAME: "1", CHANGED: "a", GONE: "x" }, startedAt);
  const wanted = computeDigest({ SAME: "1", CHANGED: "b", NEW: "x" }, startedAt);
  assert.deepEqual(differingSettings(running, wanted), ["CHANGED", "GONE", "NEW"]);
  assert.deepEqual(differingSettings(running, running), []);
});

test("tells no value", () => {
  const secret = "a-key-that-nobody-may-see";
  assert.ok(!JSON.stringify(computeDigest({ KEY: secret }, startedAt)).includes(secret));
});
