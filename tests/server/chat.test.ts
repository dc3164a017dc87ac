import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

const messages = [
  { role: "system", content: "answer in one word" },
  { role: "user", content: "what is the story" },
] as const satisfies OpenAI.ChatCompletionMessageParam[];
const likeliest = { model: "any", temperature: 0, messages: [...messages] };

describe("chat, through OpenAI's own client, on the stand-in model", () => {
  let server: ServerProcess;
  let client: OpenAI;

  withServer({}, (running) => {
    ({ client, server } = running);
  });

  async function streamed(
    parameters: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "stream">,
  ): Promise<OpenAI.ChatCompletionChunk[]> {
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    const stream = await client.chat.completions.create({ ...parameters, stream: true });
    for await (const chunk of stream) {
      chunks.push(chunk);
    }
    return chunks;
  }

  test("a plain answer is a message of the assistant, with usage", async () => {
    const answer = await client.chat.completions.create({ ...likeliest, max_completion_tokens: 8 });
    assert.match(answer.id, /^chatcmpl-[0-9a-f]{32}$/);
    assert.equal(answer.object, "chat.completion");
    assert.equal(answer.model, "tiny-random-llama");
    const [choice] = answer.choices;
    assert.equal(choice?.message.role, "assistant");
    assert.equal(choice?.message.content?.trim().split(" ").length, 8);
    assert.equal(choice?.finish_reason, "length");
    assert.equal(answer.usage?.completion_tokens, 8);
    assert.equal(answer.usage?.total_tokens, (answer.usage?.prompt_tokens ?? 0) + 8);
  });

  test("a stream opens with the role, says the same, and ends once", async () => {
    const parameters = { ...likeliest, max_tokens: 30 };
    const plain = await client.chat.completions.create(parameters);
    const chunks = await streamed({ ...parameters, stream_options: { include_usage: true } });
    const [usage] = chunks.splice(-1);
    assert.deepEqual(usage?.choices, []);
    assert.equal(usage?.usage?.completion_tokens, plain.usage?.completion_tokens);
    assert.deepEqual(chunks[0]?.choices[0]?.delta, { role: "assistant", content: "" });
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    assert.equal(text, plain.choices[0]?.message.content);
    assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, plain.choices[0]?.finish_reason);
    assert.ok(chunks.slice(0, -1).every(({ choices }) => choices[0]?.finish_reason === null));
    assert.ok(chunks.every(({ object }) => object === "chat.completion.chunk"));
  });

  test("an answer that the model ends by itself has finish_reason stop", async () => {
    // Seed 4 was seen to end by itself long before the window is full.
    const answer = await client.chat.completions.create({ ...likeliest, temperature: 1, seed: 4 });
    assert.equal(answer.choices[0]?.finish_reason, "stop");
    assert.ok((answer.usage?.total_tokens ?? 0) < 2048);
  });

  test("max_tokens: 0 in a stream opens, ends, and says nothing", async () => {
    const chunks = await streamed({ ...likeliest, max_tokens: 0 });
    assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""), "");
    assert.equal(chunks[0]?.choices[0]?.delta.role, "assistant");
    assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, "length");
  });

  test("content in parts is the same as content in one", async () => {
    const parts = await client.chat.completions.create({
      ...likeliest,
      max_tokens: 12,
      messages: [
        { role: "system", content: [{ type: "text", text: "answer in one word" }] },
        {
          role: "user",
          content: [
            { type: "text", text: "what is " },
            { type: "text", text: "the story" },
          ],
        },
      ],
    });
    const whole = await client.chat.completions.create({ ...likeliest, max_tokens: 12 });
    assert.equal(parts.choices[0]?.message.content, whole.choices[0]?.message.content);
    assert.equal(parts.usage?.prompt_tokens, whole.usage?.prompt_tokens);
  });

  test("an answer can be sent back as it came, to go on with the conversation", async () => {
    const first = await client.chat.completions.create({ ...likeliest, max_tokens: 6 });
    const [choice] = first.choices;
    assert.ok(choice !== undefined);
    const second = await client.chat.completions.create({
      ...likeliest,
      max_tokens: 6,
      messages: [...messages, choice.message, { role: "user", content: "and then" }],
    });
    assert.ok((second.usage?.prompt_tokens ?? 0) > (first.usage?.total_tokens ?? 0));
  });

  test("null and values that ask for nothing are taken", async () => {
    const nothing = {
      max_tokens: null,
      max_completion_tokens: null,
      stop: null,
      n: 1,
      tools: [],
      tool_choice: "auto",
      response_format: { type: "text" },
      modalities: ["text"],
      logprobs: false,
      top_logprobs: null,
      parallel_tool_calls: true,
      store: false,
      metadata: { a: "b" },
      service_tier: "auto",
      stream_options: null,
      prompt_cache_key: "key",
      prompt_cache_retention: "24h",
      safety_identifier: "somebody",
      user: "somebody",
      prediction: null,
      audio: null,
      reasoning_effort: "none",
      verbosity: "medium",
      web_search_options: null,
      functions: [],
      function_call: "none",
      logit_bias: {},
    };
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages, ...nothing, max_tokens: 2 }),
    });
    assert.equal(response.status, 200, await response.clone().text());
  });

  test("what clients add to messages is taken where it asks for nothing", async () => {
    const ask = async (conversation: readonly object[]): Promise<string> => {
      const response = await fetch(`${server.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ messages: conversation, temperature: 0, max_tokens: 9 }),
      });
      assert.equal(response.status, 200, await response.clone().text());
      return JSON.parse(await response.text()).choices[0].message.content;
    };
    const ephemeral = { cache_control: { type: "ephemeral" } };
    const plain = [
      { role: "user", content: "where is water" },
      { role: "assistant", content: "not here" },
      { role: "user", content: "why" },
    ];
    const adorned = [
      { role: "user", name: "ann", ...ephemeral, content: "where is water" },
      {
        role: "assistant",
        content: [{ type: "refusal", refusal: "not here" }],
        refusal: null,
        reasoning_content: "They want water.",
        reasoning: null,
        reasoning_details: [{}],
        annotations: [{ type: "url_citation" }],
        audio: null,
        function_call: null,
        tool_calls: [],
        name: null,
      },
      { role: "user", content: [{ type: "text", text: "why", ...ephemeral }] },
    ];
    const expected = await ask(plain);
    assert.equal(await ask(adorned), expected);
    const refused = { role: "assistant", content: null, refusal: "not here" };
    assert.equal(await ask(plain.with(1, refused as never)), expected);
    // An answer that says nothing, as it comes with calls of tools and with max_tokens: 0.
    const empty = { role: "assistant", content: "" };
    const without = { role: "assistant" };
    assert.equal(await ask(plain.with(1, without as never)), await ask(plain.with(1, empty)));
  });

  test("the list of models has the served one first, and says that it is a stand-in", async () => {
    const { data } = await client.models.list();
    assert.deepEqual(
      data.map(({ id, object, owned_by }) => ({ id, object, owned_by })),
      ["tiny-random-llama", "lexical-embedding"].map((id) => ({
        id,
        object: "model",
        owned_by: "miniserve",
      })),
    );
    const [model] = data as (OpenAI.Model & { warning?: string; context_length?: number })[];
    assert.match(model?.warning ?? "", /nonsense/);
    assert.equal(model?.context_length, 2048);
    assert.deepEqual(await client.models.retrieve("tiny-random-llama"), model);
    await assert.rejects(client.models.retrieve("another"), { status: 404, code: "not_found" });
  });

  test("the client finds the id of the answer where it looks for the request's", async () => {
    const answer = await client.chat.completions.create({
      model: "any",
      messages: [{ role: "user", content: "the story" }],
      max_tokens: 1,
    });
    assert.equal(answer._request_id, answer.id);
  });

  test("the health routes say that it lives, and that it is degraded", async () => {
    const health = await fetch(`${server.url}/healthz`);
    assert.deepEqual([health.status, await health.json()], [200, { status: "alive" }]);
    const ready = await fetch(`${server.url}/readyz`);
    const body = JSON.parse(await ready.text());
    assert.equal(ready.status, 200);
    assert.equal(body.status, "degraded");
    assert.equal(body.model, "tiny-random-llama");
    assert.match(body.warning, /nonsense/);
  });
});
