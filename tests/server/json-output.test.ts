import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { rawPost } from "../support/raw-http.ts";
import { assertSound, createRequestRecord, getValues } from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";
import { Refusals } from "./refusals.ts";

const chat = "/v1/chat/completions";
const messages = [{ role: "user", content: "what is the story, as JSON" } as const];

/** Every answer by it ends soon, whatever a random model samples. */
const ending = {
  type: "object",
  properties: {
    mood: { enum: ["good", "bad", "日本 🙂 naïve"] },
    sure: { type: "boolean" },
    marks: { type: "array", items: { type: "integer" }, maxItems: 3 },
    title: { type: ["string", "null"], maxLength: 10 },
  },
  required: ["mood", "sure", "marks", "title"],
  additionalProperties: false,
};

const by = (schema: object): OpenAI.ResponseFormatJSONSchema => ({
  type: "json_schema",
  json_schema: { name: "story", strict: true, schema: schema as Record<string, unknown> },
});

function assertEnding(text: string): void {
  const { mood, sure, marks, title, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, {});
  assert.ok(ending.properties.mood.enum.includes(mood), text);
  assert.equal(typeof sure, "boolean");
  assert.ok(marks.length <= 3 && marks.every(Number.isInteger), text);
  assert.ok(title === null || [...title].length <= 10, text);
}

describe("response_format, through OpenAI's own client", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;
  let client: OpenAI;

  withServer({ model: endlessModel() }, (running) => {
    ({ client, receiver, server } = running);
  });

  const asked = (seed: number, response_format: OpenAI.ResponseFormatJSONSchema) => ({
    ...{ model: "any", temperature: 1, top_p: 1, messages: [...messages] },
    ...{ seed, response_format },
  });

  async function streamed(
    parameters: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "stream">,
  ): Promise<{ pieces: string[]; finishReason: string | null | undefined }> {
    const pieces: string[] = [];
    let finishReason: string | null | undefined;
    for await (const { choices } of await client.chat.completions.create({
      ...parameters,
      stream: true,
    })) {
      pieces.push(choices[0]?.delta.content ?? "");
      finishReason = choices[0]?.finish_reason;
    }
    return { pieces, finishReason };
  }

  test("json_schema: every answer that ends is valid, whole and streamed alike", async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const parameters = asked(seed, by(ending));
      const [whole, stream] = await Promise.all([
        client.chat.completions.create(parameters),
        streamed(parameters),
      ]);
      const text = whole.choices[0]?.message.content ?? "";
      assert.equal(whole.choices[0]?.finish_reason, "stop");
      assertEnding(text);
      assert.equal(stream.finishReason, "stop");
      assert.equal(stream.pieces.join(""), text);
      assert.ok(stream.pieces.length > 5, `${stream.pieces.length} pieces`);
    }
  });

  test("characters that are spread over tokens are never sent in parts", async () => {
    const schema = { const: "日本 🙂 naïve" };
    const { pieces } = await streamed(asked(1, by(schema)));
    assert.equal(pieces.join(""), JSON.stringify(schema.const));
    assert.ok(pieces.length > 10, `${pieces.length} pieces`);
    for (const piece of pieces) {
      assert.ok(piece.isWellFormed() && !piece.includes("\uFFFD"), piece);
    }
  });

  test("json_object: an object when it ends, the beginning of one when it is cut", async () => {
    const reasons = new Set<string | undefined>();
    for (const seed of Array.from({ length: 12 }, (_, index) => index)) {
      const answer = await client.chat.completions.create({
        ...asked(seed, by({})),
        response_format: { type: "json_object" },
        max_tokens: 40,
      });
      const [choice] = answer.choices;
      const text = choice?.message.content ?? "";
      reasons.add(choice?.finish_reason);
      assert.ok(text.startsWith("{"), text);
      if (choice?.finish_reason === "stop") {
        assert.equal(Object.getPrototypeOf(JSON.parse(text)), Object.prototype);
      } else {
        assert.equal(choice?.finish_reason, "length");
        assert.equal(answer.usage?.completion_tokens, 40);
        assert.throws(() => JSON.parse(text), SyntaxError);
      }
    }
    assert.deepEqual([...reasons].toSorted(), ["length", "stop"]);
  });

  test("temperature 0 and completions take it too", async () => {
    const response_format = by(ending);
    const prompt = "the story";
    const body = { prompt, response_format, temperature: 0, max_tokens: 300 };
    const answer = await postJson(`${server.url}/v1/completions`, body);
    const [choice] = JSON.parse(answer.text).choices;
    assert.equal(choice.finish_reason, "stop");
    assertEnding(choice.text);
  });

  test("the span and the log say json, or text without it", async () => {
    for (const [response_format, expected] of [
      [by(ending), "json"],
      [{ type: "json_object" }, "json"],
      [{ type: "text" }, "text"],
      [null, "text"],
    ] as const) {
      const body = { messages, response_format, max_tokens: 5 };
      const { traceId } = await postJson(`${server.url}${chat}`, body);
      const record = await createRequestRecord(server, receiver, traceId);
      assertSound(record);
      assert.equal(getValues(record, spans.format).outputFormat, expected);
    }
  });

  test("the end of the JSON is a step without a token, as every end", async () => {
    const body = { messages, response_format: by({ const: "a" }), max_tokens: 50 };
    const { traceId, text } = await postJson(`${server.url}${chat}`, body);
    const { tokensOut, decodeSteps, stopReason } = getValues(
      await createRequestRecord(server, receiver, traceId),
      spans.decode,
    );
    assert.equal(stopReason, "stop");
    assert.equal(decodeSteps, Number(tokensOut) + 1);
    assert.equal(JSON.parse(text).usage.completion_tokens, tokensOut);
  });

  test("many at once, with schemas of their own, keep to their own", async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index);
    await Promise.all(
      numbers.map(async (number) => {
        const schema = {
          type: "object",
          properties: { number: { const: number } },
          required: ["number"],
        };
        const answer = await client.chat.completions.create(asked(number, by(schema)));
        assert.deepEqual(JSON.parse(answer.choices[0]?.message.content ?? ""), { number });
      }),
    );
  });

  async function refused(response_format: unknown, says: RegExp): Promise<void> {
    const answer = await new Refusals(server, receiver).traced(
      rawPost(chat, { messages, response_format }),
      { code: "invalid_parameter", parameter: "response_format", says },
    );
    assert.ok(!`${answer.body}${server.stdout}${server.stderr}`.includes("zebra"));
  }

  test("another shape than OpenAI's is refused", async () => {
    const schema = {};
    for (const format of [
      "json",
      {},
      { type: "zebra" },
      { type: "json_object", schema },
      { type: "json_schema" },
      { type: "json_schema", json_schema: { name: "zebra zebra", schema } },
      { type: "json_schema", json_schema: { name: "", schema } },
      { type: "json_schema", json_schema: { name: "x".repeat(65), schema } },
      { type: "json_schema", json_schema: { schema } },
      { type: "json_schema", json_schema: { name: "x" } },
      { type: "json_schema", json_schema: { name: "x", schema: "zebra" } },
      { type: "json_schema", json_schema: { name: "x", schema, zebra: 1 } },
    ]) {
      await refused(format, /^response_format takes /);
    }
  });

  test("a schema that cannot be kept is refused, with every keyword and nothing else of it", async () => {
    const zebra = { type: "string", not: "zebra", contentEncoding: "zebra", zebra: "zebra" };
    await refused(
      by({ properties: { zebra } }),
      /cannot be used\. The keyword not is not supported\. The keyword contentEncoding is not supported\. It has a keyword that/,
    );
    await refused(by({ $ref: "#/$defs/zebra" }), /points to nothing/);
    await refused(by({ type: "zebra" }), /type must be/);
  });

  test("nasty schemas are refused at once, with the limit", async () => {
    const nest = (levels: number): string => `${'{"items":'.repeat(levels)}{}${"}".repeat(levels)}`;
    const raw = (schema: string): string =>
      `{"messages": ${JSON.stringify(messages)}, "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": ${schema}}}}`;
    // Each bracket of an answer could be one of either, so that the ways double with each.
    const either = { anyOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/b" }] };
    const doubling = {
      $defs: { a: { items: either }, b: { items: either, minItems: 1 } },
      ...either,
    };
    const schemas = [
      [nest(33), /nested deeper than 32/],
      [nest(60_000), /nested deeper than 32/],
      [
        JSON.stringify({ enum: Array.from({ length: 50_000 }, (_, index) => index) }),
        /1000 values/,
      ],
      [JSON.stringify({ enum: ["zebra".repeat(100_000)] }), /20000 characters/],
      [JSON.stringify({ maxLength: 1e9 }), /more than 1000/],
      [JSON.stringify({ items: { items: { minItems: 1e15 } } }), /more than 1000/],
      [JSON.stringify({ anyOf: Array.from({ length: 50_000 }, () => ({})) }), /500 subschemas/],
      [JSON.stringify(doubling), /100 alternatives/],
      [JSON.stringify({ $ref: "#" }), /leads back to itself/],
    ] as const;
    for (const [schema, says] of schemas) {
      await new Refusals(server, receiver).traced(rawPost(chat, raw(schema)), {
        code: "invalid_parameter",
        parameter: "response_format",
        says,
      });
    }
    const { status } = await postJson(`${server.url}${chat}`, { messages, max_tokens: 1 });
    assert.equal(status, 200);
  });

  test("stop beside it is refused, because it would cut the JSON", async () => {
    const body = { messages, response_format: { type: "json_object" }, stop: "}" };
    await new Refusals(server, receiver).traced(rawPost(chat, body), {
      code: "invalid_parameter",
      parameter: "stop",
      says: /would cut the JSON/,
    });
  });
});
