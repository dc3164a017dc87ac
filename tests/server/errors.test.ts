import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type ErrorCode, errorTable } from "../../server/http/errors.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { rawPost, rawRequest } from "../support/raw-http.ts";

import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";
import { Refusals } from "./refusals.ts";

const key = "key-of-this-test";
const plain = "/v1/completions";
const chat = "/v1/chat/completions";
const authorised = { authorization: `Bearer ${key}` };
const messages = [{ role: "user", content: "hello" }];

/** Where the codes are provoked that need a server of another kind. */
const elsewhere: Partial<Record<ErrorCode, string>> = {
  chat_unavailable: "template-errors.test.ts",
  messages_refused: "template-errors.test.ts",
  chat_template_failed: "template-errors.test.ts",
  empty_input: "template-errors.test.ts",
  input_too_long: "embeddings.test.ts",
  queue_full: "slots.test.ts",
  request_too_slow: "slow-clients.test.ts",
  request_timeout: "deadlines.test.ts",
  unknown_index: "retrieval.test.ts",
  index_unusable: "retrieval.test.ts",
  index_building: "retrieval-failures.test.ts",
  retrieval_failed: "retrieval-failures.test.ts",
  internal_error: "failed-trace.test.ts",
  generation_failed: "failed-trace.test.ts",
  shutting_down: "shutdown.test.ts",
};

describe("a request that is refused", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;
  let refusals: Refusals;

  const settings = { MINISERVE_API_KEY: key, MINISERVE_BODY_LIMIT_BYTES: "65536" };
  withServer({ settings }, (running) => {
    ({ receiver, server } = running);
    refusals = new Refusals(server, receiver);
  });

  test("a body that is not JSON: invalid_json", async () => {
    for (const body of ["", "{", '{"prompt": "x"', "prompt=x", '{"prompt": "x"} {}', "\u0000"]) {
      await refusals.traced(rawPost(plain, body, authorised), { code: "invalid_json" });
    }
  });

  test("JSON that is no object: invalid_body", async () => {
    for (const body of ["[]", "null", '"prompt"', "7"]) {
      await refusals.traced(rawPost(chat, body, authorised), { code: "invalid_body" });
    }
    const { host, connection } = { host: "localhost", connection: "close" };
    const without = rawRequest("POST", plain, { host, connection, ...authorised });
    await refusals.traced(without, { code: "invalid_body" });
  });

  test("without its input: missing_parameter", async () => {
    const says = /^The parameter (prompt|messages) is missing\. /;
    await refusals.traced(rawPost(plain, {}, authorised), {
      code: "missing_parameter",
      parameter: "prompt",
      says,
    });
    await refusals.traced(rawPost(chat, { max_tokens: 3 }, authorised), {
      code: "missing_parameter",
      parameter: "messages",
      says,
    });
  });

  const invalid: readonly [route: string, parameter: string, value: unknown][] = [
    [plain, "prompt", 7],
    [plain, "prompt", null],
    [plain, "model", 7],
    [plain, "max_tokens", -1],
    [plain, "max_tokens", 1.5],
    [plain, "max_tokens", "7"],
    [plain, "temperature", 2.1],
    [plain, "temperature", "hot"],
    [plain, "top_p", -0.1],
    [plain, "top_p", 1.1],
    [plain, "top_k", -2],
    [plain, "top_k", 0.5],
    [plain, "seed", 0.5],
    [plain, "seed", 2 ** 53],
    [plain, "prompt", []],
    [plain, "prompt", ["x", 7]],
    [plain, "prompt", [[1, 2]]],
    [plain, "prompt", Array.from({ length: 129 }, () => "x")],
    [plain, "safety_identifier", 7],
    [plain, "metadata", "x"],
    [plain, "response_format", "json"],
    [plain, "n", 0],
    [plain, "logprobs", true],
    [plain, "logprobs", 21],
    [chat, "logprobs", 1],
    [chat, "top_logprobs", 21],
    [chat, "n", 9],
    [plain, "min_p", 1.1],
    [plain, "frequency_penalty", 2.1],
    [plain, "presence_penalty", "0"],
    [plain, "repeat_penalty", 0],
    [plain, "repetition_penalty", 3],
    [plain, "logit_bias", [[5, 1]]],
    [plain, "logit_bias", { x: 1 }],
    [plain, "logit_bias", { "-1": 1 }],
    [plain, "logit_bias", { 5: 101 }],
    [
      plain,
      "logit_bias",
      Object.fromEntries(Array.from({ length: 301 }, (_, token) => [token + 300, 1])),
    ],
    [plain, "stop", ["a", "b", "c", "d", "e"]],
    [plain, "stop", [""]],
    [plain, "stop", "x".repeat(257)],
    [plain, "stream", "true"],
    [plain, "stream_options", { include_usage: 1 }],
    [plain, "stream_options", { other: true }],
    [plain, "user", 7],
    [chat, "max_completion_tokens", -1],
    [chat, "messages", []],
    [chat, "messages", "hello"],
    [chat, "messages", [{ role: "user" }]],
    [chat, "messages", [{ role: "tool", content: "x" }]],
    [chat, "messages", [{ role: "user", content: [{ type: "image_url", image_url: "x" }] }]],
    [chat, "messages", [{ role: "assistant", content: "x", tool_calls: [{ id: "1" }] }]],
  ];
  test("a parameter in a form that it does not take: invalid_parameter", async () => {
    for (const [route, parameter, value] of invalid) {
      const input = route === chat ? { messages } : { prompt: "x" };
      await refusals.traced(rawPost(route, { ...input, [parameter]: value }, authorised), {
        code: "invalid_parameter",
        parameter,
        says: new RegExp(`^${parameter} takes `),
      });
    }
  });

  test("several at once are all named", async () => {
    const body = { prompt: "x", temperature: -1, top_p: -1, stop: 7 };
    await refusals.traced(rawPost(plain, body, authorised), {
      code: "invalid_parameter",
      parameter: "temperature",
      says: /^temperature takes .*; top_p takes .*; stop takes .*\.$/,
    });
    const penalties = { prompt: "x", repeat_penalty: 1.1, repetition_penalty: 1.2 };
    await refusals.traced(rawPost(plain, penalties, authorised), {
      code: "invalid_parameter",
      parameter: "repetition_penalty",
      says: /say different things/,
    });
    const both = { messages, max_tokens: 1, max_completion_tokens: 2 };
    await refusals.traced(rawPost(chat, both, authorised), {
      code: "invalid_parameter",
      parameter: "max_completion_tokens",
      says: /say different things/,
    });
  });

  test("a parameter that nobody knows: unknown_parameter, and its name is not repeated", async () => {
    for (const name of ["frobnicate", "toString", "hasOwnProperty", "Prompt", ""]) {
      const body = { prompt: "x", [name]: 1 };
      await refusals.traced(rawPost(plain, body, authorised), { code: "unknown_parameter" });
    }
  });

  const unsupported = {
    best_of: 2,
    echo: true,
    suffix: "x",
    functions: [{}],
    function_call: { name: "x" },
    modalities: ["audio"],
    audio: { voice: "x" },
    prediction: { type: "content" },
    reasoning_effort: "high",
    verbosity: "low",
    web_search_options: {},
    store: true,
    service_tier: "flex",
    typical_p: 0.9,
    mirostat: 2,
    grammar: "root ::= x",
  };
  test("a parameter that is known and not done: unsupported_parameter", async () => {
    for (const [parameter, value] of Object.entries(unsupported)) {
      const body = { messages, [parameter]: value };
      const code = "unsupported_parameter";
      const says = new RegExp(`does not support ${parameter}`);
      await refusals.traced(rawPost(chat, body, authorised), { code, parameter, says });
    }
    await refusals.traced(rawPost(plain, { prompt: "x", messages }, authorised), {
      code: "unsupported_parameter",
      parameter: "messages",
      says: /does not support messages/,
    });
  });

  test("more input than fits: context_length_exceeded, with both numbers", async () => {
    const prompt = "story ".repeat(2047).trim();
    await refusals.traced(rawPost(plain, { prompt }, authorised), {
      code: "context_length_exceeded",
      says: /^The input has 2048 tokens, and a slot holds 2048,/,
      isTokenized: true,
    });
  });

  test("far more input than fits is refused before it is tokenised, with a lower bound", async () => {
    const long = "x".repeat(60_000);
    const many = Array.from({ length: 2049 }, () => ({ role: "user", content: "" }));
    for (const conversation of [[{ role: "user", content: long }], many]) {
      await refusals.traced(rawPost(chat, { messages: conversation }, authorised), {
        code: "context_length_exceeded",
        says: /^The input has at least \d+ tokens, and a slot holds 2048,/,
      });
    }
  });

  test("without the key: invalid_api_key, on every route for the model", async () => {
    const code = "invalid_api_key";
    for (const route of [plain, chat]) {
      const answer = await refusals.traced(rawPost(route, { prompt: "x" }), { code });
      assert.equal(answer.headers["www-authenticate"], "Bearer");
    }
    await refusals.untraced(rawRequest("GET", "/v1/models"), { code });
  });

  test("under a wrong name, or from a page that may not: host and origin", async () => {
    const host = { ...authorised, host: "attacker.example" };
    await refusals.traced(rawPost(plain, { prompt: "x" }, host), { code: "host_not_allowed" });
    const origin = { ...authorised, origin: "https://attacker.example" };
    await refusals.traced(rawPost(plain, { prompt: "x" }, origin), { code: "origin_not_allowed" });
  });

  test("a route that is not there: not_found", async () => {
    for (const target of ["/", "/v1/images", "/v1/completions/", "/%zz"]) {
      await refusals.untraced(rawRequest("GET", target), { code: "not_found" });
    }
  });

  test("another method: method_not_allowed, saying which are", async () => {
    const expected = [
      ["GET", plain, "POST"],
      ["DELETE", chat, "POST"],
      ["PUT", `${plain}?x=1`, "POST"],
      ["POST", "/v1/models", "GET, HEAD"],
      ["POST", "/healthz", "GET, HEAD"],
      ["DELETE", "/readyz", "GET, HEAD"],
    ] as const;
    for (const [method, target, allowed] of expected) {
      const request = rawRequest(method, target);
      const { headers } = await refusals.untraced(request, { code: "method_not_allowed" });
      assert.equal(headers.allow, allowed);
    }
  });

  test("more than the limit: body_too_large", async () => {
    const body = { prompt: "x".repeat(70_000) };
    await refusals.traced(rawPost(plain, body, authorised), { code: "body_too_large" });
    const chunked = { ...authorised, "transfer-encoding": "chunked", connection: "close" };
    const head = rawRequest("POST", plain, {
      host: "localhost",
      "content-type": "application/json",
      ...chunked,
    });
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    await refusals.traced(`${head}${chunk}${chunk}`, { code: "body_too_large" });
  });

  test("another kind of body, or a compressed one: unsupported_media_type", async () => {
    const body = JSON.stringify({ prompt: "x" });
    const types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
    for (const type of [...types, "application/json; charset=utf-16", "application/jsonp"]) {
      const headers = { ...authorised, "content-type": type };
      await refusals.traced(rawPost(plain, body, headers), { code: "unsupported_media_type" });
    }
    for (const encoding of ["gzip", "br", "zstd", "identity, gzip"]) {
      const compressed = gzipSync(body)
        .toString("latin1")
        .replaceAll(/[^ -~]/g, "x");
      const headers = { ...authorised, "content-encoding": encoding };
      const code = "unsupported_media_type";
      await refusals.traced(rawPost(plain, compressed, headers), { code });
    }
  });

  test("what is no HTTP: request_malformed", async () => {
    const code = "request_malformed";
    await refusals.untraced("nonsense\r\n\r\n", { code });
    await refusals.untraced("GET / HTTP/1.1\r\nhost: localhost\r\nbad header\r\n\r\n", { code });
    const head = { host: "localhost", "content-type": "application/json", ...authorised };
    const chunked = rawRequest("POST", plain, { ...head, "transfer-encoding": "chunked" });
    await refusals.traced(`${chunked}not-a-length\r\n`, { code });
  });

  test("every code of the table has been provoked, here or elsewhere", () => {
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      const file = elsewhere[code];
      const isProvoked =
        file === undefined
          ? refusals.seen.has(code)
          : readFileSync(join(import.meta.dirname, file), "utf8").includes(`"${code}"`);
      assert.ok(isProvoked, code);
    }
  });
});
