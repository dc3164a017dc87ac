import assert from "node:assert/strict";
import { test } from "node:test";
import { Lookahead } from "./decode.ts";

/** Steps that note when each begins, and when nobody wants more. */
function notedSteps(count: number, failingStep?: number) {
  const begun: number[] = [];
  const state = { begun, isLeft: false };
  async function* steps(): AsyncGenerator<number, void> {
    try {
      for (let step = 0; step < count; step += 1) {
        begun.push(step);
        await Promise.resolve();
        if (step === failingStep) {
          throw new RangeError("This step fails.");
        }
        yield step;
      }
    } finally {
      state.isLeft = true;
    }
  }
  return { state, steps: steps() };
}

test("the next step begins when it is let, and none behind it", async () => {
  const { state, steps } = notedSteps(4);
  const heard: number[] = [];
  const ahead = new Lookahead(steps, (step) => heard.push(step));
  assert.equal(await ahead.take(), 0);
  assert.deepEqual(state.begun, [0]);
  await ahead.begin();
  await ahead.begin();
  assert.deepEqual(state.begun, [0, 1]);
  assert.deepEqual(heard, [0, 1]);
  assert.equal(await ahead.take(), 1);
  assert.equal(await ahead.take(), 2);
  assert.equal(await ahead.take(), 3);
  assert.equal(await ahead.take(), undefined);
  assert.deepEqual(heard, [0, 1, 2, 3]);
});

test("a step that nobody takes is heard of before leaving ends", async () => {
  const { state, steps } = notedSteps(4);
  const heard: number[] = [];
  const ahead = new Lookahead(steps, (step) => heard.push(step));
  await ahead.take();
  const beginning = ahead.begin();
  await ahead.leave();
  await beginning;
  assert.deepEqual(heard, [0, 1]);
  assert.equal(state.isLeft, true);
});

test("the error of a step goes to who takes it, and to nobody when it is left", async () => {
  for (const isTaken of [true, false]) {
    const { state, steps } = notedSteps(4, 1);
    const ahead = new Lookahead(steps, () => {});
    await ahead.take();
    await ahead.begin();
    if (isTaken) {
      await assert.rejects(ahead.take(), RangeError);
    }
    await ahead.leave();
    assert.deepEqual(state.begun, [0, 1]);
    assert.equal(state.isLeft, true);
  }
});
