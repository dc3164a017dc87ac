import assert from "node:assert/strict";
import { test } from "node:test";
import { countSpans, encodeLoad, spansPerExport } from "./span-load.ts";

const fromNs = 1_763_800_000_000_000_000n;
const toNs = fromNs + 86_400_000_000_000n;

test("a load has whole exports, the spans that were asked for, and is the same each time", async () => {
  const options = { spans: 3_000, fromNs, toNs, number: 0 };
  const load = await encodeLoad(options);
  // The last trace is whole.
  assert.ok(countSpans(load) >= 3_000 && countSpans(load) < 3_009, `${countSpans(load)} spans`);
  assert.ok(load.slice(0, -1).every(({ spans }) => spans === spansPerExport));
  assert.deepEqual(await encodeLoad(options), load);
  assert.notDeepEqual(await encodeLoad({ ...options, number: 1 }), load);
});
