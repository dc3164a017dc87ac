import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { endlessModel } from "../support/model-files.ts";
import { converse, parseAnswer, rawPost, rawRequest } from "../support/raw-http.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

const prompt = "the river and the stone in the morning light";
const windowTokens = 400;
const likeliest = { model: "any", temperature: 0 } as const;

describe("completions, through OpenAI's own client", () => {
  let server: ServerProcess;
  let client: OpenAI;

  const settings = { MINISERVE_SLOT_TOKENS: String(windowTokens) };
  withServer({ model: endlessModel(), settings }, (running) => {
    ({ client, server } = running);
  });

  async function streamed(
    parameters: Omit<OpenAI.CompletionCreateParamsNonStreaming, "stream">,
  ): Promise<OpenAI.Completion[]> {
    const chunks: OpenAI.Completion[] = [];
    for await (const chunk of await client.completions.create({ ...parameters, stream: true })) {
      chunks.push(chunk);
    }
    return chunks;
  }

  test("a plain one has text, a reason to end, usage, and the served model's name", async () => {
    const answer = await client.completions.create({ ...likeliest, prompt, max_tokens: 9 });
    assert.match(answer.id, /^cmpl-[0-9a-f]{32}$/);
    assert.equal(answer.object, "text_completion");
    assert.match(answer.system_fingerprint ?? "", /^fp_[0-9a-f]{10}$/);
    assert.equal(answer.model, "model");
    assert.ok(Math.abs(answer.created - Date.now() / 1000) < 60);
    assert.equal(answer.choices.length, 1);
    assert.equal(answer.choices[0]?.index, 0);
    assert.equal(answer.choices[0]?.finish_reason, "length");
    // The tiny model speaks whole words, a token each.
    assert.equal(answer.choices[0]?.text.trim().split(" ").length, 9);
    const { usage } = answer;
    assert.equal(usage?.completion_tokens, 9);
    assert.equal(usage?.prompt_tokens, 1 + prompt.split(" ").length);
    assert.equal(usage?.total_tokens, usage?.prompt_tokens + 9);
  });

  test("without max_tokens it has OpenAI's 16", async () => {
    const answer = await client.completions.create({ ...likeliest, prompt });
    assert.equal(answer.usage?.completion_tokens, 16);
  });

  test("a stream says the same, piece by piece, and ends once", async () => {
    const plain = await client.completions.create({ ...likeliest, prompt, max_tokens: 40 });
    const chunks = await streamed({ ...likeliest, prompt, max_tokens: 40 });
    assert.equal(chunks.map(({ choices }) => choices[0]?.text).join(""), plain.choices[0]?.text);
    assert.ok(chunks.length > 20, `${chunks.length} chunks`);
    const reasons = chunks.map(({ choices }) => choices[0]?.finish_reason);
    assert.equal(reasons.at(-1), "length");
    assert.deepEqual(
      reasons.slice(0, -1).filter((reason) => reason !== null),
      [],
    );
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
    assert.ok(chunks.every(({ usage }) => usage === undefined || usage === null));
  });

  test("a stream that was asked for it ends with the usage of the plain answer", async () => {
    const parameters = { ...likeliest, prompt: `${prompt} again`, max_tokens: 5 };
    const chunks = await streamed({ ...parameters, stream_options: { include_usage: true } });
    const last = chunks.at(-1);
    assert.deepEqual(last?.choices, []);
    const plain = await client.completions.create(parameters);
    assert.equal(last?.usage?.prompt_tokens, plain.usage?.prompt_tokens);
    assert.equal(last?.usage?.completion_tokens, 5);
    assert.equal(last?.usage?.total_tokens, plain.usage?.total_tokens);
  });

  test("a stream is server-sent events on the wire, ending in [DONE]", async () => {
    const response = await fetch(`${server.url}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ prompt, stream: true, max_tokens: 3 }),
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    const events = (await response.text()).split("\n\n");
    assert.equal(events.pop(), "");
    assert.ok(events.every((event) => event.startsWith("data: ")));
    assert.equal(events.at(-1), "data: [DONE]");
    assert.equal(events.filter((event) => event === "data: [DONE]").length, 1);
    for (const event of events.slice(0, -1)) {
      assert.equal(JSON.parse(event.slice("data: ".length)).object, "text_completion");
    }
  });

  test("max_tokens: 0 evaluates the input and says nothing", async () => {
    const parameters = { ...likeliest, prompt: `${prompt} of zero`, max_tokens: 0 };
    const plain = await client.completions.create(parameters);
    assert.equal(plain.choices[0]?.text, "");
    assert.equal(plain.choices[0]?.finish_reason, "length");
    assert.equal(plain.usage?.completion_tokens, 0);
    const chunks = await streamed(parameters);
    assert.equal(chunks.map(({ choices }) => choices[0]?.text).join(""), "");
    assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, "length");
  });

  test("an answer that fills the window ends with length", async () => {
    const model = { ...likeliest, prompt, max_tokens: 1_000_000 };
    const answer = await client.completions.create(model);
    assert.equal(answer.choices[0]?.finish_reason, "length");
    assert.equal(answer.usage?.total_tokens, windowTokens);
  });

  test("stop strings end the answer and never show, not even half, plain or streamed", async () => {
    const whole = await client.completions.create({ ...likeliest, prompt, max_tokens: 60 });
    const text = whole.choices[0]?.text ?? "";
    // Across the boundaries of tokens: the end of one word and the beginning of the next.
    for (const from of [1, 7, 20, 41, 90]) {
      const stop = text.slice(from, from + 9);
      const expected = text.slice(0, text.indexOf(stop));
      const parameters = { ...likeliest, prompt, max_tokens: 60, stop: ["☃ not there", stop] };
      const plain = await client.completions.create(parameters);
      assert.equal(plain.choices[0]?.text, expected);
      assert.equal(plain.choices[0]?.finish_reason, "stop");
      const chunks = await streamed(parameters);
      assert.equal(chunks.map(({ choices }) => choices[0]?.text).join(""), expected);
      assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, "stop");
    }
  });

  test("tokens that a stop string withheld are counted", async () => {
    const whole = await client.completions.create({ ...likeliest, prompt, max_tokens: 60 });
    const text = whole.choices[0]?.text ?? "";
    const words = text.trim().split(" ");
    const pairs = words.slice(1).map((word, index) => ` ${words[index]} ${word}`);
    const at = pairs.findIndex((pair, index) => index > 1 && pairs.indexOf(pair) === index);
    const stop = pairs[at] ?? assert.fail("The model repeats itself from the first word on.");
    const cut = await client.completions.create({ ...likeliest, prompt, max_tokens: 60, stop });
    assert.equal(cut.choices[0]?.text, text.slice(0, text.indexOf(stop)));
    assert.equal(cut.usage?.completion_tokens, at + 2);
  });

  test("the same seed gives the same answer, another seed another one", async () => {
    const ask = async (seed: number): Promise<string | undefined> => {
      const parameters = { model: "any", prompt, max_tokens: 30, temperature: 1.2, seed };
      return (await client.completions.create(parameters)).choices[0]?.text;
    };
    assert.equal(await ask(11), await ask(11));
    assert.notEqual(await ask(11), await ask(12));
    for (const seed of [0, -1, 2 ** 31, 2 ** 53 - 1]) {
      assert.equal(await ask(seed), await ask(seed));
    }
  });

  test("temperature 0 gives the same answer whatever the seed and top_p", async () => {
    const first = await client.completions.create({ ...likeliest, prompt, seed: 1 });
    const second = await client.completions.create({ ...likeliest, prompt, seed: 2, top_p: 0.4 });
    assert.equal(first.choices[0]?.text, second.choices[0]?.text);
  });

  test("null and values that ask for nothing are taken", async () => {
    const nothing = {
      max_tokens: null,
      temperature: null,
      top_p: null,
      seed: null,
      stop: null,
      stream: null,
      user: null,
      n: 1,
      best_of: 1,
      echo: false,
      suffix: null,
      logprobs: null,
      logit_bias: {},
      presence_penalty: 0,
      frequency_penalty: 0,
      min_p: 0,
      typical_p: 1,
      repetition_penalty: 1.0,
      mirostat: 0,
      mirostat_tau: 5,
      stop_token_ids: [],
    };
    const response = await fetch(`${server.url}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ prompt, ...nothing }),
    });
    assert.equal(response.status, 200, await response.clone().text());
  });

  test("with include_usage each chunk has the field; with include_obfuscation, its length is filled up", async () => {
    const parameters = { ...likeliest, prompt, max_tokens: 6 };
    const plain = await streamed(parameters);
    assert.ok(plain.every((chunk) => !("usage" in chunk) && !("obfuscation" in chunk)));
    const stream_options = { include_usage: true, include_obfuscation: true };
    const chunks = await streamed({ ...parameters, stream_options });
    assert.ok(chunks.slice(0, -1).every(({ usage }) => usage === null));
    assert.ok(chunks.at(-1)?.usage?.completion_tokens === 6);
    const pieces = chunks.filter(({ choices }) => choices[0]?.text !== "").slice(0, -1);
    for (const piece of pieces as (OpenAI.Completion & { obfuscation?: string })[]) {
      const text = JSON.stringify(piece.choices[0]?.text);
      const { obfuscation = assert.fail(JSON.stringify(piece)) } = piece;
      assert.equal((Buffer.byteLength(text) + obfuscation.length) % 32, 0);
    }
  });

  test("a top_p of 0 takes the likeliest token, a top_k of -1 all of them", async () => {
    const greedy = await client.completions.create({ ...likeliest, prompt, max_tokens: 20 });
    const hot = { model: "any", prompt, max_tokens: 20, temperature: 2 };
    const narrow = await client.completions.create({ ...hot, top_p: 0 });
    assert.equal(narrow.choices[0]?.text, greedy.choices[0]?.text);
    const ask = async (top_k: number): Promise<string | undefined> => {
      const body = { ...hot, seed: 5, top_k } as OpenAI.CompletionCreateParamsNonStreaming;
      return (await client.completions.create(body)).choices[0]?.text;
    };
    assert.equal(await ask(-1), await ask(0));
  });

  test("what is odd and still text is taken", async () => {
    const bodies = [
      JSON.stringify({ prompt: "a\u0000b", max_tokens: 1 }),
      '{"prompt": "a\\ud800b", "max_tokens": 1}',
      `\ufeff${JSON.stringify({ prompt: "a", max_tokens: 1 })}`,
      '{"prompt": "a", "max_tokens": 9, "max_tokens": 1}',
    ];
    for (const body of bodies) {
      const answer = parseAnswer(await converse(server.port, rawPost("/v1/completions", body)));
      assert.equal(answer.status, 200, answer.body);
      assert.equal(JSON.parse(answer.body).usage.completion_tokens, 1);
    }
  });

  test("charset, identity and a body in chunks say nothing new, and are taken", async () => {
    const route = "/v1/completions";
    const body = { prompt: "x", max_tokens: 1 };
    const head = rawRequest("POST", route, {
      host: "localhost",
      connection: "close",
      "content-type": "application/json",
      "transfer-encoding": "chunked",
    });
    const requests = [
      rawPost(route, body, { "content-type": "application/json; charset=UTF-8" }),
      rawPost(route, body, { "content-type": 'Application/JSON;charset="utf-8"' }),
      rawPost(route, body, { "content-type": "application/json; charset=utf8" }),
      rawPost(route, body, { "content-type": "application/json;" }),
      rawPost(route, body, { "content-encoding": "identity" }),
      rawPost(route, body, { "content-encoding": "" }),
      `${head}f\r\n{"prompt": "x",\r\n11\r\n "max_tokens": 1}\r\n0\r\n\r\n`,
    ];
    for (const request of requests) {
      const answer = await converse(server.port, request);
      assert.equal(parseAnswer(answer).status, 200, answer);
    }
  });
});
