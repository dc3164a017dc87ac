import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { serverSettings } from "#settings";
import type { Engine } from "../../server/llama/engine/index.ts";
import { type Alterations, alteredEngine } from "../support/altered-engine.ts";
import type { InProcessServer } from "../support/in-process-server.ts";
import { postJson } from "../support/post-json.ts";
import { withInProcessServer } from "../support/with-server.ts";

const chunkTokens = Number(serverSettings.MINISERVE_PREFILL_CHUNK_TOKENS.default);

describe("a stream beside a long prefill", () => {
  const alterations: Alterations = {};
  let server: InProcessServer;
  let engine: Engine;

  withInProcessServer(
    {
      settings: { MINISERVE_SLOT_TOKENS: "4000" },
      engine: (real) => {
        engine = real;
        return alteredEngine(real, alterations);
      },
    },
    (running) => {
      ({ server } = running);
    },
  );

  /**
   * Counted in rounds, the batches that llama.cpp gets, and not in time: a round evaluates at most
   * one chunk of prompts, all requests together, besides one step of every running answer.
   */
  test("gets a step in every round, so that it never waits for more than one chunk", async () => {
    const roundsOfSteps: number[] = [];
    const isStreaming = Promise.withResolvers<void>();
    alterations.decode = async function* (steps) {
      for await (const step of steps) {
        roundsOfSteps.push(engine.status().rounds);
        if (roundsOfSteps.length === 10) {
          isStreaming.resolve();
        }
        yield step;
      }
    };
    const url = `${server.url}/v1/completions`;
    const running = postJson(url, { prompt: "the story", max_tokens: 600, stream: true });
    await isStreaming.promise;
    alterations.decode = undefined;

    const roundsBefore = engine.status().rounds;
    const stepsBefore = roundsOfSteps.length;
    const prompt = Array.from({ length: 1999 }, () => "light").join(" ");
    const long = await postJson(url, { prompt, max_tokens: 1 });
    const prefillRounds = engine.status().rounds - roundsBefore;
    const stepsMeanwhile = roundsOfSteps.length - stepsBefore;
    assert.equal(JSON.parse(long.text).usage.prompt_tokens, 2000);
    const chunks = Math.ceil(1999 / chunkTokens);
    assert.ok(prefillRounds > chunks, `${prefillRounds} rounds for ${chunks} chunks`);
    assert.ok(stepsMeanwhile >= chunks, `${stepsMeanwhile} steps in ${chunks} chunks`);

    assert.equal((await running).status, 200);
    await nextTurn();
    const waits = roundsOfSteps.slice(1).map((round, index) => round - (roundsOfSteps[index] ?? 0));
    assert.equal(Math.max(...waits), 1, "the stream missed a round");
  });
});
