import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { endlessModel } from "../support/model-files.ts";
import { rawPost } from "../support/raw-http.ts";
import { withServer } from "../support/with-server.ts";
import { Refusals } from "./refusals.ts";

const prompt = "the river and the stone in the morning light";
/** In the tiny model's vocabulary the 256 bytes follow 3 other tokens, and then come words and signs. */
const tokenOf = (sign: string): number => 260 + sign.charCodeAt(0) - "!".charCodeAt(0);
/** `</s>`, which ends an answer of any model that has it. */
const endOfSequence = 2;

type Parameters = Omit<OpenAI.CompletionCreateParamsNonStreaming, "stream" | "model"> & {
  readonly min_p?: number;
  readonly repeat_penalty?: number;
  readonly repetition_penalty?: number;
};

describe("penalties and biases, through OpenAI's own client", () => {
  let client: OpenAI;
  let refusals: Refusals;

  withServer({ model: endlessModel() }, ({ client: opened, server, receiver }) => {
    client = opened;
    refusals = new Refusals(server, receiver);
  });

  const likeliest = { prompt, temperature: 0, max_tokens: 60 } as const;

  async function say(parameters: Partial<Parameters>): Promise<string> {
    const asked = { model: "any", ...likeliest, ...parameters };
    return (await client.completions.create(asked)).choices[0]?.text ?? "";
  }

  const countDistinct = (text: string): number => new Set(text.trim().split(" ")).size;

  test("each kind of penalty makes an answer repeat itself less, and a negative one more", async () => {
    const plain = countDistinct(await say({}));
    for (const penalty of [
      { frequency_penalty: 2 },
      { presence_penalty: 2 },
      { repeat_penalty: 2 },
      { repetition_penalty: 2 },
    ]) {
      const text = await say(penalty);
      assert.ok(countDistinct(text) > plain, `${JSON.stringify(penalty)}: ${plain}, ${text}`);
    }
    assert.ok(countDistinct(await say({ frequency_penalty: -2 })) < plain);
  });

  test("what changes nothing changes nothing, and two names of one penalty are one", async () => {
    const text = await say({});
    const neutral = { frequency_penalty: 0, presence_penalty: 0, repeat_penalty: 1, min_p: 0 };
    assert.equal(await say({ ...neutral, logit_bias: {} }), text);
    const [ours, theirs] = [{ repeat_penalty: 1.5 }, { repetition_penalty: 1.5 }];
    assert.equal(await say(ours), await say(theirs));
    assert.equal(await say({ ...ours, ...theirs }), await say(ours));
  });

  test("penalties count the answer, of any length, and begin anew with the next prompt", async () => {
    const long = { max_tokens: 300, frequency_penalty: 1 };
    const one = await say(long);
    assert.equal(await say(long), one);
    const both = await client.completions.create({
      ...{ model: "any", ...likeliest, ...long },
      prompt: [prompt, prompt],
    });
    assert.deepEqual(
      both.choices.map(({ text }) => text),
      [one, one],
    );
  });

  test("min_p 1 leaves the likeliest token, whatever the temperature", async () => {
    assert.equal(await say({ min_p: 1, temperature: 2, seed: 4 }), await say({}));
    assert.notEqual(await say({ temperature: 2, seed: 4 }), await say({}));
  });

  test("logit_bias makes a token certain, and keeps another out", async () => {
    const certain = { [tokenOf("q")]: 100 };
    assert.equal(await say({ logit_bias: certain, max_tokens: 8 }), "qqqqqqqq");
    const both = { [tokenOf("q")]: 100, [tokenOf("z")]: 99 };
    assert.equal(await say({ logit_bias: both, max_tokens: 3 }), "qqq");
    assert.equal(
      await say({ logit_bias: { ...both, [tokenOf("q")]: -100 }, max_tokens: 3 }),
      "zzz",
    );
  });

  test("JSON stays JSON, whatever is biased", async () => {
    const schema = { type: "array", items: { enum: ["a", "q"] }, minItems: 2, maxItems: 2 };
    const { choices } = await client.chat.completions.create({
      ...{ model: "any", temperature: 0, messages: [{ role: "user", content: "x" }] },
      logit_bias: { [tokenOf("q")]: 100 },
      frequency_penalty: 1,
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    });
    assert.deepEqual(JSON.parse(choices[0]?.message.content ?? ""), ["q", "q"]);
  });

  test("a token that is none, or that ends an answer, is refused", async () => {
    for (const token of [100_000, 999_999_999, endOfSequence]) {
      await refusals.traced(rawPost("/v1/completions", { prompt, logit_bias: { [token]: 1 } }), {
        code: "invalid_parameter",
        parameter: "logit_bias",
        says: /logit_bias has a token that ends an answer, or one that the vocabulary/,
      });
    }
  });
});
