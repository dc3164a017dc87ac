import assert from "node:assert/strict";
import { test } from "node:test";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { openStore } from "./index.ts";

/** Ends on nobody's machine within this test. */
const endless = "SELECT count(*) FROM range(10000000000) a, range(10000000000) b";

test("a query that is no longer wanted ends in the database, and its place is free", async (context) => {
  const store = await openStore([miniserve], { directory: temporaryDirectory() });
  context.after(() => store.close());
  for (let round = 0; round < 4; round += 1) {
    const leaver = new AbortController();
    const running = [1, 2, 3, 4, 5].map(() => store.read(endless, leaver.signal));
    const waiting = store.read("SELECT 1", leaver.signal);
    setTimeout(() => leaver.abort(new Error("left")), 50);
    const ends = await Promise.allSettled([...running, waiting]);
    assert.deepEqual(
      ends.map((end) => end.status === "rejected" && (end.reason as Error).message),
      Array(6).fill("left"),
    );
  }
  assert.deepEqual(await store.read("SELECT 7"), [[7]]);
});
