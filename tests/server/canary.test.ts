import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { assertNothingLeaked, createSecret, createSecrets } from "../support/canary.ts";
import { endlessModel, withString } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { converse, parseAnswer, RawConnection, rawPost, rawRequest } from "../support/raw-http.ts";
import type { RecordingProxy } from "../support/recording-proxy.ts";
import { createRequestRecord } from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withRecordedServer } from "../support/with-server.ts";

const plain = "/v1/completions";
const chat = "/v1/chat/completions";
/** What the model itself says: these words of its vocabulary are secrets. */
const spoken = ["letter", "morning", "question", "window", "garden", "answer", "people", "number"];

/** A secret in every place where a client can put something. */
const places = [
  "prompt",
  "system",
  "user message",
  "stop",
  "model",
  "user",
  "name of a parameter",
  "value of a parameter",
  "header",
  "traceparent",
  "tracestate",
  "baggage",
  "query",
  "path",
  "malformed JSON",
  "authorization",
  "origin",
  "host",
  "content type",
  "malformed HTTP",
  "wrong value",
  "JSON schema",
  "tool name",
  "tool description",
  "tool schema",
  "call id",
  "call argument",
  "tool result",
  "tool choice",
] as const;

describe("what a client sent and what the model said", () => {
  const { secrets, secret } = createSecrets(places);
  const saidSecrets = spoken.map((word) => ({ word, secret: createSecret(word.length) }));
  const errorBodies: string[] = [];
  let receiver: OtlpReceiver;
  let proxy: RecordingProxy;
  let server: ServerProcess;

  const model = saidSecrets.reduce(
    (bytes, said) => withString(bytes, `\u2581${said.word}`, `\u2581${said.secret}`),
    endlessModel(),
  );
  withRecordedServer({ model, settings: { MINISERVE_SLOT_TOKENS: "8000" } }, (running) => {
    ({ receiver, proxy, server } = running);
    for (const { word, secret: said } of saidSecrets) {
      secrets.set(`said instead of ${word}`, said);
    }
  });

  const headers = {
    "x-custom": secret("header"),
    traceparent: `00-${secret("traceparent")}-${"c".repeat(16)}-01`,
    tracestate: `vendor=${secret("tracestate")}`,
    baggage: `key=${secret("baggage")}`,
    "user-agent": secret("header"),
  };
  const parameters = {
    model: secret("model"),
    user: secret("user"),
    stop: [secret("stop")],
    temperature: 1,
    seed: 5,
  };
  const messages = [
    { role: "system", content: secret("system") },
    { role: "user", content: secret("user message") },
  ];

  async function refused(request: string): Promise<void> {
    const { status, body } = parseAnswer(await converse(server.port, request));
    assert.ok(status >= 400, body);
    errorBodies.push(body);
  }

  test("is sent in requests that are answered", async () => {
    const target = `${server.url}${plain}?key=${secret("query")}`;
    const body = { ...parameters, prompt: secret("prompt"), max_tokens: 300 };
    const whole = await postJson(target, body, headers);
    const streamed = await postJson(target, { ...body, stream: true }, headers);
    const talk = { ...parameters, messages, max_tokens: 100 };
    const talked = await postJson(`${server.url}${chat}`, talk, headers);
    for (const answer of [whole, streamed, talked]) {
      assert.equal(answer.status, 200, answer.text);
      // If the model did not say the secrets, there would be nothing to look for.
      assert.ok(saidSecrets.some(({ secret: said }) => answer.text.includes(said)));
      await createRequestRecord(server, receiver, answer.traceId);
    }
    const inSchema = secret("JSON schema");
    const schema = { properties: { [inSchema]: { const: inSchema } }, required: [inSchema] };
    const response_format = { type: "json_schema", json_schema: { name: inSchema, schema } };
    const json = await postJson(target, { ...body, stop: null, response_format });
    assert.equal(JSON.parse(JSON.parse(json.text).choices[0].text)[inSchema], inSchema);
    await createRequestRecord(server, receiver, json.traceId);
  });

  /** A tool, a call of it in the conversation, and its result. */
  const inSchema = secret("tool schema");
  const tool = {
    type: "function",
    function: {
      name: secret("tool name"),
      description: secret("tool description"),
      parameters: { type: "object", properties: { [inSchema]: { enum: [inSchema] } } },
    },
  };
  const call = {
    id: secret("call id"),
    type: "function",
    function: {
      name: secret("tool name"),
      arguments: JSON.stringify({ [secret("call argument")]: secret("call argument") }),
    },
  };
  const result = { role: "tool", tool_call_id: secret("call id"), content: secret("tool result") };
  const withCall = [...messages, { role: "assistant", content: null, tool_calls: [call] }];

  test("is sent with tools, in requests that are answered", async () => {
    const body = { ...parameters, tools: [tool], messages: [...withCall, result] };
    for (const stream of [false, true]) {
      const more = { stream, tool_choice: "required", max_tokens: 900 };
      const answer = await postJson(`${server.url}${chat}`, { ...body, ...more }, headers);
      assert.equal(answer.status, 200, answer.text);
      assert.ok(answer.text.includes(secret("tool name")));
      await createRequestRecord(server, receiver, answer.traceId);
    }
  });

  test("is sent with tools, in requests that are refused", async () => {
    const wrong = secret("tool choice");
    const named = { type: "function", function: { name: wrong } };
    const { name } = tool.function;
    const strict = {
      name,
      parameters: { [inSchema]: { pattern: inSchema, not: inSchema } },
      strict: true,
    };
    const cut = { ...call, function: { name, arguments: `{"${secret("call argument")}` } };
    for (const more of [
      { tool_choice: wrong },
      { tool_choice: named },
      { tool_choice: { type: wrong } },
      { tools: [tool, tool] },
      { tools: [{ type: wrong, [wrong]: wrong }] },
      { tools: [{ type: "function", function: strict }] },
      { tools: [{ type: "function", function: { ...strict, [wrong]: wrong } }] },
      { tools: [{ type: "custom", custom: { name } }] },
      { messages: [...messages, result] },
      { messages: [...withCall, { ...result, tool_call_id: wrong }] },
      { messages: [...messages, { role: "assistant", tool_calls: [cut] }] },
      { messages: [...withCall, { ...result, content: result.content.repeat(8000) }] },
    ]) {
      const body = { ...parameters, messages: withCall, tools: [tool], ...more };
      await refused(rawPost(chat, body, headers));
    }
  });

  test("is sent in requests that are refused", async () => {
    const unknown = { [secret("name of a parameter")]: secret("value of a parameter") };
    const wrong = secret("wrong value");
    const bodies = [
      { ...parameters, prompt: secret("prompt"), ...unknown },
      { ...parameters, prompt: [secret("prompt"), 7] },
      { ...parameters, prompt: [secret("prompt"), secret("prompt").repeat(4000)] },
      { ...parameters, prompt: secret("prompt").repeat(4000) },
      ...[
        "max_tokens",
        "temperature",
        "top_p",
        "seed",
        "stream",
        "stream_options",
        "n",
        "tools",
      ].map((name) => ({ ...parameters, prompt: secret("prompt"), [name]: wrong })),
      { ...parameters, prompt: secret("prompt"), stream_options: { [wrong]: wrong } },
      { ...parameters, prompt: secret("prompt"), stop: { [wrong]: wrong } },
      { ...parameters, prompt: secret("prompt"), logit_bias: { [wrong]: wrong } },
    ];
    for (const body of bodies) {
      await refused(rawPost(plain, body, headers));
    }
    const inSchema = secret("JSON schema");
    for (const schema of [
      { [inSchema]: inSchema, pattern: inSchema, type: inSchema, $ref: inSchema },
      { enum: [{ [inSchema]: inSchema }], required: [inSchema], description: inSchema },
      { $ref: `#/$defs/${inSchema}`, $defs: { [inSchema]: { $ref: `#/$defs/${inSchema}` } } },
      inSchema,
    ]) {
      const response_format = { type: "json_schema", json_schema: { name: inSchema, schema } };
      await refused(rawPost(plain, { prompt: "x", response_format }, headers));
    }
    const conversations = [
      [...messages, { role: wrong, content: wrong }],
      [...messages, { role: "user", content: { [wrong]: wrong } }],
      [...messages, { role: "user", content: [{ type: wrong, text: wrong }] }],
      [...messages, { role: "user", content: wrong, [wrong]: wrong }],
      [...messages, { role: "assistant", content: wrong, tool_calls: [{ [wrong]: wrong }] }],
      [...messages, { role: "user", content: wrong, name: { [wrong]: wrong } }],
      wrong,
    ];
    for (const conversation of conversations) {
      await refused(rawPost(chat, { ...parameters, messages: conversation }, headers));
    }
    const malformed = secret("malformed JSON");
    for (const body of [
      `{"prompt": ${malformed}`,
      malformed,
      `{"__proto__": {"${malformed}": 1}}`,
    ]) {
      await refused(rawPost(plain, body, headers));
    }
    const valid = { prompt: secret("prompt") };
    const key = { authorization: `Bearer ${secret("authorization")}` };
    await refused(rawPost(plain, {}, { ...headers, ...key }));
    await refused(
      rawPost(plain, valid, { ...headers, origin: `https://${secret("origin")}.example` }),
    );
    await refused(rawPost(plain, valid, { ...headers, host: `${secret("host")}.example` }));
    const type = { "content-type": `application/${secret("content type")}` };
    await refused(rawPost(plain, valid, { ...headers, ...type }));
    const charset = { "content-type": `application/json; charset=${secret("content type")}` };
    await refused(rawPost(plain, valid, { ...headers, ...charset }));
    await refused(rawPost(`/v1/${secret("path")}?${secret("query")}`, valid, headers));
    await refused(rawRequest("GET", `${plain}/${secret("path")}?${secret("query")}`));
    await refused(`${secret("malformed HTTP")}\r\n\r\n`);
    await refused(
      `POST ${plain} HTTP/1.1\r\nhost: localhost\r\n${secret("malformed HTTP")}\r\n\r\n`,
    );
    const chunked = { host: "localhost", "content-type": "application/json", ...headers };
    const head = rawRequest("POST", plain, { ...chunked, "transfer-encoding": "chunked" });
    await refused(`${head}${secret("malformed HTTP")}\r\n`);
  });

  test("is sent by clients that leave", async () => {
    const long = { ...parameters, prompt: secret("prompt"), max_tokens: 7_000 };
    for (const body of [long, { ...long, stream: true }]) {
      const traceId = randomBytes(16).toString("hex");
      const traceparent = `00-${traceId}-${"c".repeat(16)}-01`;
      const connection = await RawConnection.open(server.port);
      connection.write(rawPost(plain, body, { ...headers, traceparent }));
      await server.waitForLine(
        "its input to be evaluated",
        ({ event, trace_id }) => event === "input.prefilled" && trace_id === traceId,
      );
      connection.destroy();
      await createRequestRecord(server, receiver, traceId);
    }
    const half = await RawConnection.open(server.port);
    half.write(rawPost(plain, `{"prompt": "${secret("prompt")}`, { "content-length": "999" }));
    half.destroy();
  });

  test("is in no line of the log, in no span and in no error", async () => {
    await assertNothingLeaked(secrets, { server, receiver, proxy, errorBodies });
  });
});
