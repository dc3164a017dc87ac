import assert from "node:assert/strict";
import { test } from "node:test";
import { type Filtered, IngestLog } from "./ingest-log.ts";

const filtered = (textsCut: number, removed: Record<string, number> = {}): Filtered => ({
  outcomes: textsCut === 0 ? {} : { text_cut: textsCut },
  removed,
});

test("the first is told at once, what gathers then together, and the rest at the end", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const told: Filtered[] = [];
  const news = new IngestLog((one) => told.push(one), 1000);
  news.add(filtered(1));
  assert.deepEqual(told.splice(0), [filtered(1)]);
  news.add(filtered(0, { link: 2 }));
  news.add(filtered(3, { link: 1, scope: 1 }));
  assert.deepEqual(told, []);
  context.mock.timers.tick(1000);
  assert.deepEqual(told.splice(0), [filtered(3, { link: 3, scope: 1 })]);
  context.mock.timers.tick(1000);
  assert.deepEqual(told, [], "nothing is no news");
  news.add(filtered(1));
  news.add(filtered(4));
  assert.deepEqual(told.splice(0), [filtered(1)]);
  news.close();
  assert.deepEqual(told, [filtered(4)]);
});
