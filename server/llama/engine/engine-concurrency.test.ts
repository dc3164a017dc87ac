import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, distinctPrompts, neverAborted, withTinyEngine } from "./testing/tiny-engine.ts";

test("eight requests at once on two slots give what each gives alone", () =>
  withTinyEngine({ slots: 2 }, async (engine) => {
    const prompts = distinctPrompts(engine, 8, 30);
    const options = (index: number) =>
      index % 2 === 0 ? { temperature: 0 } : { temperature: 0.9, seed: 100 + index };
    const alone: unknown[] = [];
    for (const [index, prompt] of prompts.entries()) {
      alone.push((await answer(engine, prompt, options(index))).tokens);
    }
    const together = await Promise.all(
      prompts.map(async (prompt, index) => (await answer(engine, prompt, options(index))).tokens),
    );
    assert.deepEqual(together, alone);
    assert.equal(new Set(alone.map(String)).size, 8, "the prompts give different answers");
  }));

test("answers of several slots are evaluated together", () =>
  withTinyEngine({ slots: 4 }, async (engine) => {
    const prompts = distinctPrompts(engine, 4, 2);
    const roundsBefore = engine.status().rounds;
    await Promise.all(prompts.map((prompt) => answer(engine, prompt, { maxTokens: 20 })));
    const rounds = engine.status().rounds - roundsBefore;
    assert.ok(rounds <= 24, `${rounds} rounds for 4 answers of 20 tokens`);
  }));

test("a long prompt holds a running answer up by no more than a chunk a step", () =>
  withTinyEngine({ slots: 2, contextTokens: 512, prefillChunkTokens: 8 }, async (engine) => {
    const [short = [], long = []] = distinctPrompts(engine, 2, 45);
    const decoding = await engine.acquireSlot({ tokens: short, signal: neverAborted });
    await decoding.prefill({ signal: neverAborted });
    const prefilling = await engine.acquireSlot({ tokens: long, signal: neverAborted });
    let chunks = 0;
    const prefill = prefilling.prefill({ signal: neverAborted, onChunk: () => (chunks += 1) });
    let mostChunksInOneStep = 0;
    let chunksBefore = 0;
    let steps = 0;
    const options = { maxTokens: 200, temperature: 0, topP: 1, signal: neverAborted };
    for await (const _step of decoding.decode(options)) {
      steps += 1;
      mostChunksInOneStep = Math.max(mostChunksInOneStep, chunks - chunksBefore);
      chunksBefore = chunks;
    }
    await prefill;
    assert.ok(chunks >= Math.floor(long.length / 8), `${chunks} chunks`);
    assert.ok(steps > chunks, "the answer was longer than the prefill");
    assert.ok(mostChunksInOneStep <= 1, `${mostChunksInOneStep} chunks within a step`);
    decoding.release();
    prefilling.release();
  }));

test("a new request that must drop old cache does not wait for running answers to end", () =>
  withTinyEngine({ slots: 3, contextTokens: 512 }, async (engine) => {
    const [first = [], second = [], old = [], fresh = []] = distinctPrompts(engine, 4);
    await answer(engine, old);
    const running = [first, second].map((prompt) => answer(engine, prompt, { maxTokens: 150 }));
    let runningAnswers = running.length;
    for (const one of running) {
      void one.then(() => (runningAnswers -= 1));
    }
    await answer(engine, fresh, { maxTokens: 2 });
    await answer(engine, [...fresh].reverse(), { maxTokens: 2 });
    assert.equal(runningAnswers, 2);
    await Promise.all(running);
  }));

test("the same seed gives the same answer, another seed another, and none is drawn at random", () =>
  withTinyEngine({}, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const sample = async (seed?: number) =>
      (await answer(engine, prompt, { temperature: 1.2, seed })).tokens.join();
    assert.equal(await sample(7), await sample(7));
    assert.notEqual(await sample(7), await sample(8));
    assert.notEqual(await sample(), await sample());
  }));

test("temperature 0 takes the likeliest token, whatever the seed", () =>
  withTinyEngine({}, async (engine) => {
    const [prompt = []] = distinctPrompts(engine, 1);
    const greedy = await answer(engine, prompt, { temperature: 0, seed: 1 });
    const other = await answer(engine, prompt, { temperature: 0, seed: 2, topP: 0.5 });
    const narrow = await answer(engine, prompt, { temperature: 1, topK: 1 });
    assert.deepEqual(other.tokens, greedy.tokens);
    assert.deepEqual(narrow.tokens, greedy.tokens);
  }));

test("an answer that the model ends has one step more than tokens", () =>
  withTinyEngine({ endOfTurnStrength: 4 }, async (engine) => {
    const answers = await Promise.all(
      distinctPrompts(engine, 8).map((prompt) =>
        answer(engine, prompt, { maxTokens: 200, temperature: 1, seed: 1 }),
      ),
    );
    const ended = answers.filter(({ tokens }) => tokens.length < 200);
    assert.ok(ended.length > 0, "with this strength some answers end by themselves");
    for (const { tokens, steps } of ended) {
      assert.equal(steps, tokens.length + 1);
    }
  }));
