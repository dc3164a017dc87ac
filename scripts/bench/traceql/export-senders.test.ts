import assert from "node:assert/strict";
import { test } from "node:test";
import { sendAll } from "./encode-exports.ts";

const load = Array.from({ length: 10 }, (_, index) => ({
  body: Buffer.from([index]),
  spans: index + 1,
}));

test("each export is sent until it is acknowledged, and never more at once than wanted", async () => {
  let [inFlight, most] = [0, 0];
  const tries = new Map<number, number>();
  const send = async (body: Buffer) => {
    const [index = -1] = body;
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    inFlight -= 1;
    tries.set(index, (tries.get(index) ?? 0) + 1);
    return index === 4 && tries.get(index) === 1 ? ("later" as const) : ("acknowledged" as const);
  };
  const sent = await sendAll({ send, close: () => undefined }, load, { inFlight: 3 });
  assert.equal(most, 3);
  assert.equal(sent.spans, 55);
  assert.equal(sent.refusals, 1);
  // The one that was refused says nothing about how long an acknowledgement takes.
  assert.equal(sent.latenciesMs.length, 9);
  assert.deepEqual([...tries.values()].sort(), [1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
});

test("an export that is refused for ever ends the run", async () => {
  const send = () => Promise.reject(new Error("refused for ever"));
  const sending = sendAll({ send, close: () => undefined }, load, { inFlight: 2 });
  await assert.rejects(sending, /refused for ever/);
});
