import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Engine } from "./engine.ts";
import { answer, distinctPrompts, neverAborted, withTinyEngine } from "./testing/tiny-engine.ts";

interface PlannedRequest {
  readonly prompt: number;
  /** How much of the prompt is sent. */
  readonly promptTokens: number;
  readonly end:
    | "complete"
    | "abort while waiting"
    | "abort in prefill"
    | "abort in decode"
    | "leave";
  /** After how many chunks or steps it ends early. */
  readonly after: number;
}

const plannedRequest: fc.Arbitrary<PlannedRequest> = fc.record({
  prompt: fc.nat(5),
  promptTokens: fc.integer({ min: 1, max: 45 }),
  end: fc.constantFrom(
    "complete",
    "complete",
    "abort while waiting",
    "abort in prefill",
    "abort in decode",
    "leave",
  ),
  after: fc.integer({ min: 1, max: 6 }),
});

/** Runs a request to its planned end. The tokens that it got. */
async function run(
  engine: Engine,
  tokens: readonly number[],
  plan: PlannedRequest,
): Promise<number[]> {
  const controller = new AbortController();
  const { signal } = controller;
  const got: number[] = [];
  const acquiring = engine.acquireSlot({ tokens, signal });
  if (plan.end === "abort while waiting") {
    controller.abort("planned");
  }
  const slot = await acquiring;
  try {
    let chunks = 0;
    const onChunk = (): void => {
      chunks += 1;
      if (plan.end === "abort in prefill" && chunks === plan.after) {
        controller.abort("planned");
      }
    };
    const { cacheHits, cacheMisses } = await slot.prefill({ signal, onChunk });
    assert.equal(cacheHits + cacheMisses, tokens.length);
    for await (const step of slot.decode({ maxTokens: 8, temperature: 0, topP: 1, signal })) {
      got.push(step.token);
      if (got.length !== plan.after) {
        continue;
      }
      if (plan.end === "abort in decode") {
        controller.abort("planned");
      }
      if (plan.end === "leave") {
        break;
      }
    }
    return got;
  } catch (error) {
    assert.equal(error, "planned");
    return got;
  } finally {
    slot.release();
  }
}

test("any mix of requests, ended anywhere: every token is right, and all slots are free", () =>
  withTinyEngine({ slots: 3, queueLimit: 100, prefillChunkTokens: 8 }, async (engine) => {
    const prompts = distinctPrompts(engine, 6, 50);
    const createPrompt = (plan: PlannedRequest): number[] =>
      (prompts[plan.prompt] ?? []).slice(0, plan.promptTokens);
    const alone = new Map<string, readonly number[]>();
    const expected = async (tokens: readonly number[]): Promise<readonly number[]> => {
      const known = alone.get(tokens.join());
      if (known !== undefined) {
        return known;
      }
      const { tokens: answered } = await answer(engine, tokens, { maxTokens: 8 });
      alone.set(tokens.join(), answered);
      return answered;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(plannedRequest, { maxLength: 25 }), async (plans) => {
        const results = await Promise.all(
          plans.map((plan) => run(engine, createPrompt(plan), plan).catch((error) => error)),
        );
        assert.deepEqual(
          [engine.status().slotsBusy, engine.status().queueLength],
          [0, 0],
          "all slots are free",
        );
        for (const [index, plan] of plans.entries()) {
          const got = results[index];
          if (plan.end === "abort while waiting" && got === "planned") {
            continue;
          }
          const right = await expected(createPrompt(plan));
          if (plan.end === "complete") {
            assert.deepEqual(got, right);
          } else {
            assert.deepEqual(got, right.slice(0, got.length));
          }
        }
      }),
      { seed: 8, numRuns: 15 },
    );
    const [last = []] = prompts;
    (await engine.acquireSlot({ tokens: last, signal: neverAborted })).release();
  }));
