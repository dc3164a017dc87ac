import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import type { ChatMessage } from "./chat-template.ts";
import { EngineError } from "./engine-error.ts";
import {
  answer,
  chatTokens,
  decodeAll,
  distinctPrompts,
  neverAborted,
  withTinyEngine,
} from "./testing/tiny-engine.ts";

test("slots are handed out in the order in which they were asked for", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [tokens = []] = distinctPrompts(engine, 1);
    const holder = await engine.acquireSlot({ tokens, signal: neverAborted });
    const order: number[] = [];
    const waiting = [1, 2, 3, 4].map(async (position) => {
      const slot = await engine.acquireSlot({ tokens, signal: neverAborted });
      order.push(position);
      assert.ok(Number.isInteger(slot.waitedUs) && slot.waitedUs > 0);
      slot.release();
    });
    holder.release();
    await Promise.all(waiting);
    assert.deepEqual(order, [1, 2, 3, 4]);
  }));

test("nobody overtakes the queue in the moment when a slot becomes free", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [tokens = []] = distinctPrompts(engine, 1);
    const holder = await engine.acquireSlot({ tokens, signal: neverAborted });
    const order: string[] = [];
    const take = async (name: string): Promise<void> => {
      const slot = await engine.acquireSlot({ tokens, signal: neverAborted });
      order.push(name);
      slot.release();
    };
    const early = take("early");
    holder.release();
    await Promise.all([early, take("late")]);
    assert.deepEqual(order, ["early", "late"]);
  }));

test("a full queue refuses at once, with an estimate of when to try again", () =>
  withTinyEngine({ slots: 1, queueLimit: 2 }, async (engine) => {
    const [tokens = []] = distinctPrompts(engine, 1);
    const request = { tokens, signal: neverAborted };
    const holder = await engine.acquireSlot(request);
    const waiting = [engine.acquireSlot(request), engine.acquireSlot(request)];
    await assert.rejects(engine.acquireSlot(request), (error) => {
      assert.ok(error instanceof EngineError && error.is("queue_full"));
      assert.equal(error.values.queueLimit, 2);
      const { retryAfterSeconds } = error.values;
      assert.ok(Number.isInteger(retryAfterSeconds) && retryAfterSeconds >= 1);
      return true;
    });
    assert.equal(engine.status().queueLength, 2);
    holder.release();
    for (const slot of waiting) {
      (await slot).release();
    }
  }));

test("a queue of length 0 refuses whenever all slots are busy", () =>
  withTinyEngine({ slots: 1, queueLimit: 0 }, async (engine) => {
    const [tokens = []] = distinctPrompts(engine, 1);
    const holder = await engine.acquireSlot({ tokens, signal: neverAborted });
    const refused = engine.acquireSlot({ tokens, signal: neverAborted });
    await assert.rejects(refused, { code: "queue_full" });
    holder.release();
    await answer(engine, tokens);
  }));

test("two conversations keep to their own slots, although they begin alike", () =>
  withTinyEngine({ slots: 2, contextTokens: 512 }, async (engine) => {
    const system = "be good";
    const questions = [
      "what do people know about the water that is in the world",
      "where is the place that has more than one name and number",
    ];
    const conversations = questions.map((question) => ({
      promptTokens: 0,
      messages: [
        { role: "system", content: system },
        { role: "user", content: question },
      ] as ChatMessage[],
    }));
    for (let turn = 0; turn < 3; turn++) {
      for (const conversation of conversations) {
        const prompt = await chatTokens(engine, conversation.messages);
        const { prefilled, tokens } = await answer(engine, prompt, { maxTokens: 8 });
        assert.ok(
          prefilled.cacheHits >= conversation.promptTokens,
          `turn ${turn} found ${prefilled.cacheHits} of the turn before with ${conversation.promptTokens}`,
        );
        conversation.promptTokens = prompt.length;
        const content = engine.detokenize(tokens, prompt);
        conversation.messages.push({ role: "assistant", content });
        conversation.messages.push({ role: "user", content: "and then" });
      }
    }
  }));

test("the asynchronous context of each request survives the queue, prefill and decode", () =>
  withTinyEngine({ slots: 2 }, async (engine) => {
    const request = new AsyncLocalStorage<number>();
    const seen = await Promise.all(
      distinctPrompts(engine, 6, 30).map((tokens, index) =>
        request.run(index, async () => {
          const stores: unknown[] = [];
          const slot = await engine.acquireSlot({ tokens, signal: neverAborted });
          stores.push(request.getStore());
          await slot.prefill({ signal: neverAborted });
          stores.push(request.getStore());
          await decodeAll(slot);
          stores.push(request.getStore());
          slot.release();
          return stores.every((store) => store === index);
        }),
      ),
    );
    assert.deepEqual(seen, Array(6).fill(true));
  }));
