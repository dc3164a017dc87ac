import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { endlessModel } from "../support/model-files.ts";
import { rawPost } from "../support/raw-http.ts";
import { withServer } from "../support/with-server.ts";
import { Refusals } from "./refusals.ts";

const prompt = "the river and the stone in the morning light";
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: prompt }];
/** Of these the probabilities are the model's own. */
const own = { model: "any", temperature: 1, top_p: 1, top_k: 0, seed: 4, max_tokens: 20 } as const;

type ChatTokens = OpenAI.ChatCompletionTokenLogprob[];

describe("logprobs, through OpenAI's own client", () => {
  let client: OpenAI;
  let refusals: Refusals;

  withServer({ model: endlessModel() }, ({ client: opened, server, receiver }) => {
    client = opened;
    refusals = new Refusals(server, receiver);
  });

  const join = (tokens: ChatTokens): string => tokens.map(({ token }) => token).join("");

  test("a chat tells each token, how likely it was, and what else was", async () => {
    const parameters = { ...own, messages, logprobs: true, top_logprobs: 5 };
    const { choices } = await client.chat.completions.create(parameters);
    const { message, logprobs } = choices[0] ?? assert.fail("No choice.");
    const tokens = logprobs?.content ?? [];
    assert.equal(tokens.length, 20);
    assert.equal(join(tokens), message.content);
    for (const { token, logprob, bytes, top_logprobs: top } of tokens) {
      assert.deepEqual(bytes, [...Buffer.from(token)]);
      assert.ok(logprob <= 0);
      assert.equal(top.length, 5);
      const sorted = top.map((one) => one.logprob);
      assert.deepEqual(
        sorted,
        sorted.toSorted((one, other) => other - one),
      );
      assert.equal(top.find((one) => one.token === token)?.logprob ?? logprob, logprob);
    }
    const same = await client.chat.completions.create({ ...own, messages });
    assert.equal(same.choices[0]?.message.content, message.content);
    assert.equal(same.choices[0]?.logprobs, null);
  });

  test("the likeliest token is the one that temperature 0 takes, and all chances make one", async () => {
    const parameters = { ...own, temperature: 0, messages, logprobs: true, top_logprobs: 20 };
    const { choices } = await client.chat.completions.create(parameters);
    for (const { token, logprob, top_logprobs: top } of choices[0]?.logprobs?.content ?? []) {
      assert.equal(top[0]?.token, token);
      assert.equal(top[0]?.logprob, logprob);
      const sum = top.reduce((total, one) => total + Math.exp(one.logprob), 0);
      assert.ok(sum > 0 && sum <= 1.0001, String(sum));
    }
    const narrow = { ...own, top_k: 2, messages, logprobs: true, top_logprobs: 20 };
    const two = await client.chat.completions.create(narrow);
    for (const { top_logprobs: top } of two.choices[0]?.logprobs?.content ?? []) {
      assert.equal(top.length, 2);
      const sum = top.reduce((total, one) => total + Math.exp(one.logprob), 0);
      assert.ok(Math.abs(sum - 1) < 1e-4, String(sum));
    }
  });

  test("a stream tells the same, each token once", async () => {
    for (const stop of [null, ["zebra", "the"]]) {
      const parameters = { ...own, messages, stop, logprobs: true, top_logprobs: 2 };
      const whole = await client.chat.completions.create(parameters);
      const tokens: ChatTokens = [];
      for await (const { choices } of await client.chat.completions.create({
        ...parameters,
        stream: true,
      })) {
        tokens.push(...(choices[0]?.logprobs?.content ?? []));
      }
      assert.deepEqual(tokens, whole.choices[0]?.logprobs?.content);
    }
  });

  test("completions have their own shape, whole and streamed", async () => {
    const parameters = { ...own, prompt, logprobs: 3 };
    const { choices } = await client.completions.create(parameters);
    const { text, logprobs } = choices[0] ?? assert.fail("No choice.");
    const { tokens = [], token_logprobs, top_logprobs, text_offset } = logprobs ?? {};
    assert.equal(tokens.join(""), text);
    assert.equal(token_logprobs?.length, 20);
    assert.ok(top_logprobs?.every((top) => Object.keys(top).length <= 3));
    for (const [index, token] of tokens.entries()) {
      assert.ok(text.slice(text_offset?.[index]).startsWith(token));
    }
    const offsets: number[] = [];
    const streamed: string[] = [];
    for await (const chunk of await client.completions.create({ ...parameters, stream: true })) {
      offsets.push(...(chunk.choices[0]?.logprobs?.text_offset ?? []));
      streamed.push(...(chunk.choices[0]?.logprobs?.tokens ?? []));
    }
    assert.deepEqual([streamed, offsets], [tokens, text_offset]);
    const none = await client.completions.create({ ...own, prompt, logprobs: 0 });
    assert.deepEqual(none.choices[0]?.logprobs?.top_logprobs?.[0], {});
    assert.equal(none.choices[0]?.text, text);
  });

  test("each of several answers has its own", async () => {
    const parameters = { ...own, messages, n: 2, logprobs: true };
    const { choices } = await client.chat.completions.create(parameters);
    for (const { message, logprobs } of choices) {
      assert.equal(join(logprobs?.content ?? []), message.content);
    }
  });

  test("JSON tells the chances among what the schema lets through", async () => {
    const schema = { enum: ["a", "b"] };
    const { choices } = await client.chat.completions.create({
      ...{ ...own, messages, logprobs: true, top_logprobs: 2 },
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    });
    const { message, logprobs } = choices[0] ?? assert.fail("No choice.");
    assert.equal(join(logprobs?.content ?? []), message.content);
  });

  test("top_logprobs alone is refused", async () => {
    await refusals.traced(rawPost("/v1/chat/completions", { messages, top_logprobs: 2 }), {
      code: "invalid_parameter",
      parameter: "top_logprobs",
      says: /needs logprobs: true/,
    });
  });
});
