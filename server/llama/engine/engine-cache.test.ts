import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "./engine-error.ts";
import {
  answer,
  chatTokens,
  distinctPrompts,
  neverAborted,
  plainTokens,
  withTinyEngine,
} from "./testing/tiny-engine.ts";

test("the same prompt again finds all but its last token in the cache, and gives the same answer", () =>
  withTinyEngine({}, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    for (const options of [{}, { temperature: 0.9, seed: 5 }]) {
      const [other = []] = distinctPrompts(engine, 2).slice(1);
      const cold = await answer(engine, prompt, options);
      const warm = await answer(engine, prompt, options);
      assert.deepEqual(warm.prefilled, { cacheHits: prompt.length - 1, cacheMisses: 1 });
      assert.deepEqual(warm.tokens, cold.tokens);
      assert.equal(warm.tokens.length, 12);
      // Both slots forget the prompt, so that the second round begins cold too.
      await answer(engine, other);
      await answer(engine, [...other].reverse());
    }
  }));

test("a cold prompt is all misses, and hits and misses are always the whole prompt", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = [], other = []] = distinctPrompts(engine, 2);
    const cold = await answer(engine, prompt);
    assert.deepEqual(cold.prefilled, { cacheHits: 0, cacheMisses: prompt.length });
    const longer = [...prompt, ...other.slice(1)];
    const continued = await answer(engine, longer);
    assert.deepEqual(continued.prefilled, {
      cacheHits: prompt.length,
      cacheMisses: other.length - 1,
    });
    const shorter = prompt.slice(0, 5);
    assert.deepEqual((await answer(engine, shorter)).prefilled, { cacheHits: 4, cacheMisses: 1 });
  }));

test("a prompt that shares only its beginning gives the same answer as in an empty slot", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = [], other = [], third = []] = distinctPrompts(engine, 3);
    const mixed = [...prompt.slice(0, 11), ...other.slice(1)];
    const cold = await answer(engine, mixed);
    await answer(engine, third);
    await answer(engine, prompt);
    const warm = await answer(engine, mixed);
    assert.equal(warm.prefilled.cacheHits, 11);
    assert.deepEqual(warm.tokens, cold.tokens);
  }));

test("the answer is in the cache too, for the next turn of a conversation", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const first = await answer(engine, prompt);
    const nextTurn = [...prompt, ...first.tokens, ...prompt.slice(1, 4)];
    // The last token of an answer is sampled, but nothing was ever generated after it.
    const { prefilled } = await answer(engine, nextTurn);
    assert.equal(prefilled.cacheHits, prompt.length + first.tokens.length - 1);
  }));

test("no tokens wanted: the prompt is cached, no step is made, and the cache stays right", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const [prompt = [], other = []] = distinctPrompts(engine, 2);
    const cold = await answer(engine, prompt);
    await answer(engine, other);
    const prefillOnly = await answer(engine, prompt, { maxTokens: 0 });
    assert.deepEqual(prefillOnly.prefilled, { cacheHits: 1, cacheMisses: prompt.length - 1 });
    assert.deepEqual([prefillOnly.tokens, prefillOnly.steps], [[], 0]);
    const warm = await answer(engine, prompt);
    assert.equal(warm.prefilled.cacheHits, prompt.length - 1);
    assert.deepEqual(warm.tokens, cold.tokens);
  }));

test("a prompt of one token needs no prefill", () =>
  withTinyEngine({}, async (engine) => {
    const before = engine.status().rounds;
    const one = await answer(engine, plainTokens(engine, ""), { maxTokens: 3 });
    assert.deepEqual(one.prefilled, { cacheHits: 0, cacheMisses: 1 });
    assert.equal(one.steps, 3);
    assert.equal(engine.status().rounds - before, 3);
  }));

test("a prompt is refused with both numbers when the context has no room for it and an answer", () =>
  withTinyEngine({ contextTokens: 64 }, async (engine) => {
    const tokens = (count: number): number[] => Array.from({ length: count }, () => 40);
    const refused = { contextTokens: 64 };
    const refusal = (promptTokens: number) => (error: unknown) => {
      assert.ok(error instanceof EngineError && error.is("context_length_exceeded"));
      assert.deepEqual(error.values, { ...refused, promptTokens, isExact: true });
      return true;
    };
    engine.checkFits(tokens(63));
    engine.checkFits(tokens(63), 5000);
    engine.checkFits(tokens(64), 0);
    assert.throws(() => engine.checkFits(tokens(64)), refusal(64));
    assert.throws(() => engine.checkFits(tokens(64), 1), refusal(64));
    assert.throws(() => engine.checkFits(tokens(65), 0), refusal(65));
    const tooLong = { tokens: tokens(65), signal: neverAborted };
    await assert.rejects(engine.acquireSlot(tooLong), refusal(65));
    assert.equal(engine.status().slotsBusy, 0);
  }));

test("what can never fit is refused before it is tokenised, with a lower bound", () =>
  withTinyEngine({ contextTokens: 64 }, async (engine) => {
    const isRefused = (error: unknown): boolean => {
      assert.ok(error instanceof EngineError && error.is("context_length_exceeded"));
      assert.equal(error.values.isExact, false);
      assert.match(error.message, /at least \d+ tokens/);
      return error.values.promptTokens > 64 && error.values.promptTokens <= 1_000_000;
    };
    const long = "people ".repeat(30_000);
    const plain = { kind: "plain", characters: long } as const;
    await assert.rejects(engine.prepare(plain, neverAborted), isRefused);
    await assert.rejects(chatTokens(engine, [{ role: "user", content: long }]), isRefused);
    const many = Array.from({ length: 65 }, () => ({ role: "user" as const, content: "" }));
    await assert.rejects(chatTokens(engine, many), isRefused);
  }));

test("the answer ends where the context is full, and nothing is forgotten to make room", () =>
  withTinyEngine({ contextTokens: 64, slots: 1 }, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const full = await answer(engine, prompt, { maxTokens: 1000 });
    assert.equal(full.tokens.length, 64 - prompt.length);
    const unlimited = await answer(engine, prompt, { maxTokens: undefined });
    assert.deepEqual(unlimited.tokens, full.tokens);
    const whole = [...prompt, ...full.tokens];
    const exact = await answer(engine, whole, { maxTokens: 0 });
    assert.deepEqual(exact.prefilled, { cacheHits: 63, cacheMisses: 1 });
  }));

test("a context longer than the model was trained for is cut to that", () =>
  withTinyEngine({ contextTokens: 100_000 }, async (engine) => {
    assert.equal(engine.contextTokens, 512);
  }));
