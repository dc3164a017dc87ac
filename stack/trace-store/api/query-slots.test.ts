import assert from "node:assert/strict";
import { test } from "node:test";
import { QuerySlots } from "./query-slots.ts";

const never = new AbortController().signal;

/** A query that ends when it is told to. */
function heldQuery() {
  const { promise, resolve } = Promise.withResolvers<string>();
  let hasBegun = false;
  const run = () => {
    hasBegun = true;
    return promise;
  };
  return { run, end: () => resolve("done"), hasBegun: () => hasBegun };
}

/** Lets everything that can go on go on. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("so many run, so many wait in turn, and the others are refused", async () => {
  const slots = new QuerySlots({ running: 1, waiting: 1 });
  const [first, second] = [heldQuery(), heldQuery()];
  const answers = [slots.run(first.run, never), slots.run(second.run, never)];
  await settle();
  assert.deepEqual([first.hasBegun(), second.hasBegun()], [true, false]);
  await assert.rejects(
    slots.run(async () => "third", never),
    { code: "too_many_queries" },
  );
  first.end();
  await settle();
  assert.ok(second.hasBegun());
  second.end();
  assert.deepEqual(await Promise.all(answers), ["done", "done"]);
  assert.equal(await slots.run(async () => "after", never), "after");
});

test("who leaves while waiting makes room, and its query never runs", async () => {
  const slots = new QuerySlots({ running: 1, waiting: 1 });
  const [first, left] = [heldQuery(), heldQuery()];
  const running = slots.run(first.run, never);
  const leaver = new AbortController();
  const waiting = slots.run(left.run, leaver.signal);
  await settle();
  leaver.abort(new Error("left"));
  await assert.rejects(waiting, /left/);
  const next = slots.run(async () => "next", never);
  first.end();
  assert.deepEqual(await Promise.all([running, next]), ["done", "next"]);
  assert.equal(left.hasBegun(), false);
});

test("a query that fails gives its place back", async () => {
  const slots = new QuerySlots({ running: 1, waiting: 0 });
  const failing = slots.run(async () => {
    throw new Error("broken");
  }, never);
  await assert.rejects(failing, /broken/);
  assert.equal(await slots.run(async () => "next", never), "next");
});
