import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { openStore } from "./index.ts";

const minuteNs = 60_000_000_000n;
const nowNs = BigInt(Date.now()) * 1_000_000n;

function spanFrom(startNs: bigint, durationNs: bigint) {
  return sampleSpan({
    spanId: startNs.toString(16).padStart(16, "0"),
    startTimeUnixNano: startNs,
    endTimeUnixNano: startNs + durationNs,
  });
}

test("the bounds enclose all spans at once, after a restart, and again when old ones are deleted", async () => {
  const directory = temporaryDirectory();
  const store = await openStore([miniserve], { directory });
  assert.equal(store.spanBounds(), null);
  await store.append([spanFrom(nowNs, 5n)]);
  assert.deepEqual(store.spanBounds(), {
    firstStartNs: nowNs,
    lastStartNs: nowNs,
    longestNs: 5n,
  });
  const oldNs = nowNs - 60n * minuteNs;
  await store.append([spanFrom(oldNs, 900n), spanFrom(nowNs + minuteNs, 1n)]);
  const all = { firstStartNs: oldNs, lastStartNs: nowNs + minuteNs, longestNs: 900n };
  assert.deepEqual(store.spanBounds(), all);
  await store.close();

  const retention = { maxAgeMs: 30 * 60_000 };
  const again = await openStore([miniserve], { directory, retention });
  try {
    const kept = { firstStartNs: nowNs, lastStartNs: nowNs + minuteNs, longestNs: 5n };
    // The first sweep of old spans begins with the opening.
    while (again.spanBounds()?.firstStartNs === oldNs) {
      await setTimeout(20);
    }
    assert.deepEqual(again.spanBounds(), kept);
  } finally {
    await again.close();
  }
});
