import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { endlessModel } from "../support/model-files.ts";
import { withServer } from "../support/with-server.ts";

const turns = 5;

interface Turn {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly answerTokens: number;
}

describe("the prefix cache over conversations, through OpenAI's own client", () => {
  let client: OpenAI;

  const settings = { MINISERVE_SLOTS: "2", MINISERVE_SLOT_TOKENS: "1000" };
  withServer({ model: endlessModel(), settings }, (running) => {
    ({ client } = running);
  });

  /** Asks once more and adds question and answer to the conversation. */
  async function goOn(
    messages: OpenAI.ChatCompletionMessageParam[],
    question: string,
    seed: number,
  ): Promise<Turn> {
    messages.push({ role: "user", content: question });
    const parameters = { model: "any", temperature: 1, max_tokens: 25, seed, messages };
    const { choices, usage } = await client.chat.completions.create(parameters);
    const [choice] = choices;
    assert.ok(choice !== undefined && usage !== undefined);
    messages.push(choice.message);
    return {
      promptTokens: usage.prompt_tokens,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? -1,
      answerTokens: usage.completion_tokens,
    };
  }

  /**
   * The whole history, save one token: the last of an answer that was cut is sampled but never
   * evaluated, because nothing came after it. This holds as long as the text of an answer gives the
   * tokens again that it was sampled in. The tiny model's words do; where a real model's answer
   * does not, the cache counts up to the first difference.
   */
  function assertWholeHistory(before: Turn, now: Turn): void {
    const history = before.promptTokens + before.answerTokens;
    assert.ok(now.cachedTokens >= history - 1, `${now.cachedTokens} of ${history} tokens`);
    assert.ok(now.cachedTokens < now.promptTokens);
  }

  test("every turn finds the whole history, also while another one takes turns with it", async () => {
    const first: OpenAI.ChatCompletionMessageParam[] = [{ role: "system", content: "be a river" }];
    const second: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "be a letter" }];
    const history: { first: Turn; second: Turn }[] = [];
    for (let turn = 0; turn < turns; turn++) {
      history.push({
        first: await goOn(first, `what is word number ${turn}`, turn),
        second: await goOn(second, `tell me ${turn} more`, turn),
      });
    }
    for (const [index, now] of history.entries()) {
      const before = history[index - 1];
      if (before === undefined) {
        continue;
      }
      assertWholeHistory(before.first, now.first);
      assertWholeHistory(before.second, now.second);
    }
  });

  test("a question asked in another way goes on from where the two differ", async () => {
    const content = Array.from({ length: 60 }, () => "garden").join(" ");
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "system", content }];
    const first = await goOn(messages, "tell me about the light", 1);
    const other = await goOn(messages.slice(0, 1), "tell me about the stone", 1);
    // What differs is the last word, with which the template's end of the prompt goes.
    assert.ok(other.cachedTokens > 60, `${other.cachedTokens} tokens`);
    assert.ok(other.cachedTokens < first.promptTokens - 1);
  });
});
