import assert from "node:assert/strict";
import { test } from "node:test";
import { spansOf, type WrittenSpan } from "../../tests/support/traces/written-request.ts";
import { miniserve } from "../miniserve.ts";
import type { Span } from "../otlp/span.ts";
import { validateTrace } from "./validate-trace.ts";
import type { Violation } from "./violation.ts";

const handler = (
  outcome: string,
  statusCode: number,
  children: readonly WrittenSpan[],
  more: Partial<WrittenSpan> = {},
): WrittenSpan => ({
  name: "http.handler",
  ...more,
  attributes: {
    "http.method": "POST",
    "http.route": "/v1/chat/completions",
    "http.status_code": statusCode,
    "llm.model": "SmolLM2-135M-Instruct.Q4_1",
    "llm.request.id": "chatcmpl-0af7651916cd43dd8448eb211c80319c",
    "llm.request.outcome": outcome,
    ...more.attributes,
  },
  children,
});

const tokenize: WrittenSpan = {
  name: "tokenize.input",
  attributes: { "llm.tokens.in": 23, "tokenizer.name": "gpt2/smollm" },
};
const prefill: WrittenSpan = {
  name: "llm.prefill",
  attributes: {
    "llm.model": "SmolLM2-135M-Instruct.Q4_1",
    "llm.tokens.in": 23,
    "llm.cache.hits": 22,
    "llm.cache.misses": 1,
  },
};
const retrieve: WrittenSpan = {
  name: "rag.retrieve",
  attributes: { "rag.docs.retrieved": 8, "rag.docs.reranked": 3, "rag.index.name": "docs" },
  children: [{ name: "embed.query" }, { name: "vector.search" }, { name: "rerank" }],
};
const decodeWith = (attributes: WrittenSpan["attributes"]): WrittenSpan => ({
  name: "llm.decode",
  attributes: { "llm.model": "SmolLM2-135M-Instruct.Q4_1", ...attributes },
});
const decode = decodeWith({
  "llm.tokens.out": 128,
  "llm.decode.steps": 129,
  "llm.decode.mean_step_ms": 38.2,
  "llm.stop_reason": "stop",
});
const format: WrittenSpan = {
  name: "format.output",
  attributes: { "llm.tokens.out": 128, "output.format": "text" },
};
const nothing = decodeWith({
  "llm.tokens.out": 0,
  "llm.decode.steps": 0,
  "llm.decode.mean_step_ms": 0,
  "llm.stop_reason": "length",
});
const errorType = (code: string) => ({ attributes: { "error.type": code } });

const legal: Record<string, WrittenSpan> = {
  "completed, five spans": handler("completed", 200, [tokenize, prefill, decode, format]),
  "completed with retrieval, nine spans": handler("completed", 200, [
    tokenize,
    retrieve,
    // Retrieval puts passages before the client's input.
    {
      ...prefill,
      attributes: { ...prefill.attributes, "llm.tokens.in": 523, "llm.cache.misses": 501 },
    },
    decode,
    format,
  ]),
  "completed without a token": handler("completed", 200, [
    tokenize,
    prefill,
    nothing,
    { ...format, attributes: { ...format.attributes, "llm.tokens.out": 0 } },
  ]),
  "completed with sampled steps": handler("completed", 200, [
    tokenize,
    prefill,
    {
      ...decode,
      children: [0, 64, 128].map((index) => ({
        name: "llm.decode.step",
        attributes: { "llm.decode.step_index": index },
      })),
    },
    format,
  ]),
  "rejected before any stage": handler("rejected", 400, [], errorType("invalid_body")),
  "rejected, too long": handler("rejected", 400, [tokenize], errorType("context_length_exceeded")),
  "rejected, one too many": handler("rejected", 429, [tokenize], errorType("queue_full")),
  "failed after a streamed 200": handler(
    "failed",
    200,
    [
      tokenize,
      prefill,
      {
        ...decodeWith({ "llm.tokens.out": 3, "llm.stop_reason": "error" }),
        status: "error",
        exception: "EngineError",
      },
    ],
    { ...errorType("generation_failed"), status: "error" },
  ),
  "failed in the search": handler(
    "failed",
    500,
    [
      tokenize,
      {
        name: "rag.retrieve",
        attributes: { "rag.index.name": "docs" },
        status: "error",
        children: [
          { name: "embed.query" },
          { name: "vector.search", status: "error", exception: "IndexError" },
        ],
      },
    ],
    { ...errorType("internal_error"), status: "error" },
  ),
  "failed between the stages": handler("failed", 500, [tokenize], {
    ...errorType("internal_error"),
    status: "error",
    exception: "TypeError",
  }),
  "aborted in decode": handler("aborted", 200, [
    tokenize,
    prefill,
    decodeWith({ "llm.tokens.out": 3, "llm.stop_reason": "abort" }),
  ]),
  "aborted before anything was sent": handler("aborted", 499, [
    tokenize,
    { name: "llm.prefill", attributes: { "llm.model": "SmolLM2-135M-Instruct.Q4_1" } },
  ]),
  "timeout while it waited": handler("timeout", 503, [tokenize], {
    ...errorType("request_timeout"),
    status: "error",
  }),
  "shutdown in retrieval": handler(
    "shutdown",
    503,
    [
      tokenize,
      {
        name: "rag.retrieve",
        attributes: { "rag.index.name": "docs" },
        children: [{ name: "embed.query" }],
      },
    ],
    { ...errorType("server_stopping"), status: "error" },
  ),
};

for (const [name, request] of Object.entries(legal)) {
  test(`legal: ${name}`, () => {
    assert.deepEqual(validateTrace(miniserve, spansOf(request)), []);
  });
}

const aborted = decodeWith({ ...decode.attributes, "llm.stop_reason": "abort" });

const wrong: Record<string, [request: WrittenSpan, ...found: string[]]> = {
  "an output was formatted after an abort": [
    handler("aborted", 200, [tokenize, prefill, aborted, format]),
    "value-not-allowed of llm.decode",
  ],
  "completed by an abort": [
    handler("completed", 200, [tokenize, prefill, aborted, format]),
    "value-not-allowed of llm.decode",
  ],
  "completed without a format": [
    handler("completed", 200, [tokenize, prefill, decode]),
    "missing-span of http.handler",
  ],
  "completed with half a retrieval": [
    handler("completed", 200, [
      tokenize,
      { ...retrieve, children: [{ name: "embed.query" }, { name: "rerank" }] },
      prefill,
      decode,
      format,
    ]),
    "missing-span of rag.retrieve",
  ],
  "rejected in the middle of a stage": [
    handler(
      "rejected",
      400,
      [{ name: "tokenize.input", attributes: { "tokenizer.name": "llama" } }],
      errorType("invalid_body"),
    ),
    "missing-attribute of tokenize.input",
  ],
  "rejected with an error": [
    handler("rejected", 400, [{ ...tokenize, status: "error" }], errorType("invalid_body")),
    "wrong-status of tokenize.input",
  ],
  "an outcome that is a word of JavaScript": [
    handler("constructor", 200, []),
    "value-not-allowed of http.handler",
  ],
  "an interrupted stage is not the last": [
    handler(
      "timeout",
      503,
      [{ name: "tokenize.input", attributes: { "tokenizer.name": "llama" } }, prefill],
      { ...errorType("request_timeout"), status: "error" },
    ),
    "missing-attribute of tokenize.input",
  ],
  "a failure without its parent's": [
    handler(
      "failed",
      500,
      [
        tokenize,
        {
          ...retrieve,
          children: [{ name: "embed.query", status: "error", exception: "IndexError" }],
        },
      ],
      { ...errorType("internal_error"), status: "error" },
    ),
    "wrong-status of rag.retrieve",
  ],
};

for (const [name, [request, ...found]] of Object.entries(wrong)) {
  test(`wrong: ${name}`, () => {
    const violations = validateTrace(miniserve, spansOf(request));
    assert.deepEqual(
      violations.map(({ rule, spanName }) => `${rule} of ${spanName}`),
      found,
    );
  });
}

test("all that is wrong is told, each with span, rule, what was seen and what was expected", () => {
  const spans = spansOf(
    handler("completed", 404, [
      { ...tokenize, attributes: { "llm.tokens.in": 1.5, "llm.model": "a-model" } },
      { ...prefill, attributes: { ...prefill.attributes, "llm.cache.misses": 2 } },
      decode,
      { ...format, name: "format.input" },
    ]),
  );
  const found = (index: number, rule: string, seen: string, expected: string): Violation => {
    const { traceId, spanId, name: spanName } = spans[index] as Span;
    return { rule, traceId, spanId, spanName, seen, expected };
  };
  assert.deepEqual(validateTrace(miniserve, spans), [
    found(1, "wrong-type", "llm.tokens.in as double", "int"),
    found(1, "misplaced-attribute", "llm.model", "an attribute of tokenize.input"),
    found(1, "missing-attribute", "nothing", "tokenizer.name"),
    found(
      4,
      "unknown-span",
      "format.input",
      "http.handler, tokenize.input, rag.retrieve, embed.query, vector.search, rerank, llm.prefill, llm.decode, llm.decode.step, format.output",
    ),
    found(0, "value-not-allowed", "http.status_code = 404", "200 with this outcome"),
    found(0, "missing-span", "no format.output", "format.output, as http.handler did its work"),
    found(
      2,
      "cache-sum",
      "24 and 23",
      "llm.prefill:llm.cache.hits + llm.prefill:llm.cache.misses = llm.prefill:llm.tokens.in",
    ),
  ]);
});
