import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Engine } from "./engine.ts";
import {
  answer,
  decodeAll,
  distinctPrompts,
  neverAborted,
  withTinyEngine,
} from "./testing/tiny-engine.ts";

const clientLeft = new Error("the client left");
const isClientLeft = (error: unknown): boolean => error === clientLeft;

async function allSlotsFree(engine: Engine): Promise<void> {
  for (let turn = 0; engine.status().slotsBusy > 0; turn++) {
    assert.ok(turn < 100_000, "the slot never became free");
    await nextTurn();
  }
}

test("an abort in the queue leaves the queue at once, and others keep their turn", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const holder = await engine.acquireSlot({ tokens: prompt, signal: neverAborted });
    const controller = new AbortController();
    const leaving = engine.acquireSlot({ tokens: prompt, signal: controller.signal });
    const staying = engine.acquireSlot({ tokens: prompt, signal: neverAborted });
    assert.equal(engine.status().queueLength, 2);
    controller.abort(clientLeft);
    await assert.rejects(leaving, isClientLeft);
    assert.equal(engine.status().queueLength, 1);
    holder.release();
    (await staying).release();
    assert.deepEqual([engine.status().slotsBusy, engine.status().queueLength], [0, 0]);
  }));

test("a signal that is aborted before takes no slot", () =>
  withTinyEngine({}, async (engine) => {
    const [tokens = []] = distinctPrompts(engine, 1);
    const signal = AbortSignal.abort(clientLeft);
    await assert.rejects(engine.acquireSlot({ tokens, signal }), isClientLeft);
    assert.equal(engine.status().slotsBusy, 0);
  }));

test("an abort in prefill ends after the chunk, and the chunks before it stay in the cache", () =>
  withTinyEngine({ slots: 1, prefillChunkTokens: 8 }, async (engine) => {
    const [prompt = [], other = []] = distinctPrompts(engine, 2, 40);
    const cold = await answer(engine, prompt);
    await answer(engine, other);
    const roundsBefore = engine.status().rounds;
    const controller = new AbortController();
    const slot = await engine.acquireSlot({ tokens: prompt, signal: controller.signal });
    const seen: number[] = [];
    const prefill = slot.prefill({
      signal: controller.signal,
      onChunk: (evaluatedTokens) => {
        seen.push(evaluatedTokens);
        if (seen.length === 2) {
          controller.abort(clientLeft);
        }
      },
    });
    await assert.rejects(prefill, isClientLeft);
    slot.release();
    assert.equal(engine.status().slotsBusy, 0);
    assert.deepEqual(seen, [9, 17], "one token was cached, then two chunks of 8");
    assert.equal(engine.status().rounds - roundsBefore, 2);
    const warm = await answer(engine, prompt);
    assert.equal(warm.prefilled.cacheHits, 17);
    assert.deepEqual(warm.tokens, cold.tokens);
  }));

test("an abort in decode ends after the step, and the next request finds a right cache", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const cold = await answer(engine, prompt);
    const roundsBefore = engine.status().rounds;
    const controller = new AbortController();
    const slot = await engine.acquireSlot({ tokens: prompt, signal: controller.signal });
    await slot.prefill({ signal: controller.signal });
    const tokens: number[] = [];
    const options = { maxTokens: 100, temperature: 0, topP: 1, signal: controller.signal };
    await assert.rejects(async () => {
      for await (const step of slot.decode(options)) {
        tokens.push(step.token);
        if (tokens.length === 3) {
          controller.abort(clientLeft);
        }
      }
    }, isClientLeft);
    slot.release();
    assert.equal(engine.status().slotsBusy, 0);
    assert.equal(engine.status().rounds - roundsBefore, 3);
    assert.deepEqual(tokens, cold.tokens.slice(0, 3));
    assert.deepEqual((await answer(engine, prompt)).tokens, cold.tokens);
  }));

/** Long enough for promises to settle, while neither a round nor native code can begin. */
async function settlePromises(): Promise<void> {
  for (let hop = 0; hop < 200; hop++) {
    await undefined;
  }
}

test("what is aborted while it waits for its round is not evaluated", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const inPrefill = new AbortController();
    const first = await engine.acquireSlot({ tokens: prompt, signal: neverAborted });
    const prefill = first.prefill({ signal: inPrefill.signal });
    await settlePromises();
    inPrefill.abort(clientLeft);
    await assert.rejects(prefill, isClientLeft);
    first.release();

    const inDecode = new AbortController();
    const second = await engine.acquireSlot({ tokens: prompt, signal: neverAborted });
    const prefilled = await second.prefill({ signal: neverAborted });
    assert.equal(prefilled.cacheHits, 0, "the aborted chunk was not evaluated");
    const steps = second.decode({ temperature: 0, topP: 1, signal: inDecode.signal });
    const step = steps.next();
    await settlePromises();
    inDecode.abort(clientLeft);
    await assert.rejects(step, isClientLeft);
    second.release();

    const longer = await answer(engine, [...prompt, ...prompt]);
    assert.equal(longer.prefilled.cacheHits, prompt.length - 1, "nor was the aborted step");
  }));

test("what waits for its round when its slot is released never touches the next request", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = [], other = []] = distinctPrompts(engine, 2);
    const cold = await answer(engine, prompt);
    const slot = await engine.acquireSlot({ tokens: other, signal: neverAborted });
    const stale = slot.prefill({ signal: neverAborted });
    await settlePromises();
    slot.release();
    const [, next] = await Promise.all([
      assert.rejects(stale, /was released/),
      answer(engine, prompt),
    ]);
    assert.deepEqual(next.tokens, cold.tokens);
  }));

test("a loop over the answer may simply be left", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const cold = await answer(engine, prompt);
    const slot = await engine.acquireSlot({ tokens: prompt, signal: neverAborted });
    await slot.prefill({ signal: neverAborted });
    for await (const step of slot.decode({ temperature: 0, topP: 1, signal: neverAborted })) {
      assert.equal(step.token, cold.tokens[0]);
      break;
    }
    slot.release();
    assert.deepEqual((await answer(engine, prompt)).tokens, cold.tokens);
  }));

test("a release during native work frees the slot when that chunk is done, not before", () =>
  withTinyEngine({ slots: 1, prefillChunkTokens: 8 }, async (engine) => {
    const [prompt = [], ...others] = distinctPrompts(engine, 8, 60);
    const cold = await answer(engine, prompt);
    for (const [turns, tokens] of others.entries()) {
      const slot = await engine.acquireSlot({ tokens, signal: neverAborted });
      const prefill = slot.prefill({ signal: neverAborted });
      for (let turn = 0; turn < turns; turn++) {
        await nextTurn();
      }
      const roundsBefore = engine.status().rounds;
      slot.release();
      slot.release();
      await assert.rejects(prefill, /was released/);
      await allSlotsFree(engine);
      assert.ok(engine.status().rounds - roundsBefore <= 1);
    }
    assert.deepEqual((await answer(engine, prompt)).tokens, cold.tokens);
  }));

test("a release during a step does the same", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const cold = await answer(engine, prompt);
    const slot = await engine.acquireSlot({ tokens: prompt, signal: neverAborted });
    await slot.prefill({ signal: neverAborted });
    const steps = slot.decode({ temperature: 0, topP: 1, signal: neverAborted });
    await steps.next();
    const running = steps.next();
    await nextTurn();
    slot.release();
    await running.catch(() => undefined);
    await assert.rejects(steps.next().then(({ done }) => assert.ok(!done)));
    await allSlotsFree(engine);
    assert.deepEqual((await answer(engine, prompt)).tokens, cold.tokens);
  }));

test("a failure of the native code reaches its request and leaves nothing of it in the cache", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const cold = await answer(engine, prompt);
    // No vocabulary has this token, so llama.cpp refuses to evaluate it.
    const unknownToken = 9_999_999;
    const inPrefill = [...prompt, unknownToken, ...prompt];
    await assert.rejects(answer(engine, inPrefill), { code: "generation_failed" });
    await allSlotsFree(engine);
    assert.deepEqual((await answer(engine, prompt)).prefilled.cacheHits, 0);
    await assert.rejects(answer(engine, [...prompt, unknownToken]), { code: "generation_failed" });
    await allSlotsFree(engine);
    const after = await answer(engine, prompt);
    assert.equal(after.prefilled.cacheHits, 0);
    assert.deepEqual(after.tokens, cold.tokens);
  }));

test("closing stops what runs, turns away what waits, and refuses what comes", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const slot = await engine.acquireSlot({ tokens: prompt, signal: neverAborted });
    const waiting = engine.acquireSlot({ tokens: prompt, signal: neverAborted });
    await slot.prefill({ signal: neverAborted });
    const running = decodeAll(slot, { maxTokens: 200 }).finally(() => slot.release());
    const closed = engine.close();
    const isClosed = { code: "engine_closed" };
    await assert.rejects(waiting, isClosed);
    await assert.rejects(running, isClosed);
    await closed;
    await assert.rejects(engine.acquireSlot({ tokens: prompt, signal: neverAborted }), isClosed);
  }));

test("a slot is used in order: prefill, decode, each once", () =>
  withTinyEngine({}, async (engine) => {
    const [tokens = []] = distinctPrompts(engine, 1);
    const slot = await engine.acquireSlot({ tokens, signal: neverAborted });
    await assert.rejects(decodeAll(slot), /leased/);
    await slot.prefill({ signal: neverAborted });
    await assert.rejects(slot.prefill({ signal: neverAborted }), /prefilled/);
    await decodeAll(slot);
    await assert.rejects(decodeAll(slot), /decoding/);
    slot.release();
    await assert.rejects(decodeAll(slot), /released/);
  }));
