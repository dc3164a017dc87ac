import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { BatchRounds, shareTokens } from "./batch-rounds.ts";

test("the budget is shared: nobody gets more than wanted, everybody gets something", () => {
  const wanted = fc.array(fc.nat(300), { maxLength: 12 });
  fc.assert(
    fc.property(wanted, fc.integer({ min: 1, max: 64 }), (tokens, budget) => {
      const grants = shareTokens(tokens, budget);
      const asking = tokens.filter((count) => count > 0).length;
      const total = grants.reduce((sum, granted) => sum + granted, 0);
      assert.equal(grants.length, tokens.length);
      tokens.forEach((count, index) => {
        assert.ok((grants[index] ?? -1) <= count);
        assert.equal((grants[index] ?? 0) > 0, count > 0);
      });
      assert.ok(total <= Math.max(budget, asking), "the budget is kept");
      const totalWanted = tokens.reduce((sum, count) => sum + count, 0);
      assert.ok(total >= Math.min(budget, totalWanted), "nothing of the budget is wasted");
    }),
    { seed: 3 },
  );
});

test("what a short prompt does not need goes to the long one", () => {
  assert.deepEqual(shareTokens([500, 0, 10], 64), [54, 0, 10]);
  assert.deepEqual(shareTokens([500, 400], 64), [32, 32]);
});

test("steps asked for in one turn run in one round; later ones wait for its end", async () => {
  const rounds = new BatchRounds({ promptTokensPerRound: 8 });
  const started: string[] = [];
  const gate = Promise.withResolvers<void>();
  const step = (name: string, until: Promise<void>): Promise<void> =>
    rounds.step(async () => {
      started.push(name);
      await until;
    });
  const first = [step("a", gate.promise), step("b", Promise.resolve())];
  await first[1];
  const late = step("c", Promise.resolve());
  await nextTurn();
  assert.deepEqual(started, ["a", "b"], "c must not start while a runs");
  gate.resolve();
  await Promise.all([...first, late]);
  assert.deepEqual(started, ["a", "b", "c"]);
  assert.equal(rounds.count, 2);
});

test("whoever asks again at once is part of the very next round, together with the others", async () => {
  const rounds = new BatchRounds({ promptTokensPerRound: 8 });
  const run = async (delayTurns: number): Promise<void> => {
    for (let step = 0; step < 5; step++) {
      await rounds.step(async () => {
        for (let turn = 0; turn < delayTurns; turn++) {
          await nextTurn();
        }
      });
    }
  };
  await Promise.all([run(0), run(3), run(1)]);
  assert.equal(rounds.count, 5);
});

test("a failure reaches its own caller only, and the rounds go on", async () => {
  const rounds = new BatchRounds({ promptTokensPerRound: 8 });
  const failing = rounds.step(() => Promise.reject(new Error("broken")));
  const throwing = rounds.step(() => {
    throw new Error("broken at once");
  });
  const working = rounds.chunk(3, async (granted) => granted);
  await assert.rejects(failing, /broken/);
  await assert.rejects(throwing, /broken at once/);
  assert.equal(await working, 3);
  assert.equal(await rounds.chunk(20, async (granted) => granted), 8);
});
