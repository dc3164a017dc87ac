import assert from "node:assert/strict";
import { test } from "node:test";
import { attributes } from "./attributes.ts";
import type { Attribute } from "./define/attribute.ts";
import { childrenOf, rootOf, serviceNameOf } from "./define/contract.ts";
import type { SpanDefinition } from "./define/span.ts";
import { logFields } from "./log-fields.ts";
import { miniserve } from "./miniserve.ts";

/**
 * What was asked of miniserve, written out: the one place besides the contract where names on the
 * wire stand on purpose. A rename there is a decision, and is made here too.
 */
const tree = `
http.handler: server, always
  tokenize.input: internal, always
  rag.retrieve: internal, on-demand
    embed.query: internal, always
    vector.search: internal, always
    rerank: internal, always
  llm.prefill: internal, always
  llm.decode: internal, always
    llm.decode.step: internal, sampled
  format.output: internal, always
`;

test("the span tree is the one that was asked for", () => {
  const lines = (definition: SpanDefinition, indent: string): string[] => [
    `${indent}${definition.name}: ${definition.kind}, ${definition.presence}`,
    ...childrenOf(miniserve, definition).flatMap((child) => lines(child, `${indent}  `)),
  ];
  assert.equal(`\n${lines(rootOf(miniserve), "").join("\n")}\n`, tree);
});

/** By span: the attributes that were asked for, and those that this project adds to them. */
const asked: Record<string, readonly string[]> = {
  "http.handler": [
    "http.method string",
    "http.route string",
    "http.status_code int",
    "llm.model string",
    "llm.request.id string",
  ],
  "tokenize.input": ["llm.tokens.in int", "tokenizer.name string"],
  "rag.retrieve": ["rag.docs.reranked int", "rag.docs.retrieved int", "rag.index.name string"],
  "embed.query": [],
  "vector.search": [],
  rerank: [],
  "llm.prefill": ["llm.cache.hits int", "llm.cache.misses int", "llm.tokens.in int"],
  "llm.decode": [
    "llm.decode.mean_step_ms double",
    "llm.decode.steps int",
    "llm.stop_reason string",
    "llm.tokens.out int",
  ],
  "llm.decode.step": [],
  "format.output": ["llm.tokens.out int", "output.format string"],
};
const added: Record<string, readonly string[]> = {
  "http.handler": [
    "error.type string",
    "llm.request.outcome string",
    "llm.request.slot_wait_us int",
    "llm.request.streamed boolean",
    "llm.request.time_to_first_token_us int",
  ],
  "llm.prefill": ["llm.model string"],
  "llm.decode": ["llm.model string"],
  "llm.decode.step": ["llm.decode.step_index int"],
};

for (const { name, attributes: ofSpan } of Object.values(miniserve.spans)) {
  test(`${name} has the attributes that were asked for, and declared extensions`, () => {
    const found = Object.values(ofSpan).map(({ key, type }) => `${key} ${type}`);
    assert.deepEqual(found.sort(), [...(asked[name] ?? []), ...(added[name] ?? [])].sort());
  });
}

test("an attribute is an extension when it was not asked for on any span", () => {
  const keys = new Set(
    Object.values(asked).flatMap((list) => list.map((entry) => entry.split(" ")[0])),
  );
  for (const { key, extension } of Object.values(attributes)) {
    assert.equal(extension, !keys.has(key), key);
  }
});

test("the lists of values are those that were asked for", () => {
  const lists = Object.values<Attribute>(attributes).flatMap(({ key, values }) =>
    values === undefined ? [] : [[key, values.join(" ")]],
  );
  assert.deepEqual(Object.fromEntries(lists), {
    "http.method": "POST",
    "http.route": "/v1/completions /v1/chat/completions",
    "llm.request.outcome": "completed rejected failed aborted timeout shutdown",
    "llm.stop_reason": "stop length abort error",
    "output.format": "text json",
  });
});

test("the resource and the tracer are those that were asked for", () => {
  const { attributes: ofResource, defaults } = miniserve.resource;
  assert.deepEqual(
    Object.entries(ofResource).map(([identifier, { key }]) => [key, defaults[identifier]]),
    [
      ["service.name", "miniserve"],
      ["service.version", undefined],
      ["deployment.environment", "dev"],
    ],
  );
  assert.equal(serviceNameOf(miniserve), "miniserve");
  assert.equal(miniserve.tracerName, "lynx-cortex.miniserve");
});

/** Of the semantic conventions, as of the version that the documentation names. */
const conventions = {
  "http.method": "http.request.method",
  "http.route": "http.route",
  "http.status_code": "http.response.status_code",
  "llm.model": "gen_ai.response.model",
  "llm.request.id": "gen_ai.response.id",
  "llm.request.time_to_first_token_us":
    "gen_ai.response.time_to_first_chunk (to-seconds-from-microseconds)",
  "llm.request.streamed": "gen_ai.request.stream",
  "error.type": "error.type",
  "llm.tokens.in": "gen_ai.usage.input_tokens",
  "llm.cache.hits": "gen_ai.usage.cache_read.input_tokens",
  "rag.index.name": "gen_ai.data_source.id",
  "llm.tokens.out": "gen_ai.usage.output_tokens",
  "llm.stop_reason": "gen_ai.response.finish_reasons (to-array)",
  "output.format": "gen_ai.output.type",
};

test("attributes name what the semantic conventions call the same", () => {
  const found = Object.values<Attribute>(attributes).flatMap(({ key, semconv }) =>
    semconv === undefined
      ? []
      : [[key, semconv.transform ? `${semconv.key} (${semconv.transform})` : semconv.key]],
  );
  assert.deepEqual(Object.fromEntries(found), conventions);
});

test("whatever can be set has a meaning and examples; numbers that are measured have a unit", () => {
  for (const { key, type, meaning, examples, unit } of all) {
    assert.match(meaning, sentence, key);
    assert.ok(examples.length > 0, key);
    assert.ok(type !== "double" || unit !== undefined, key);
  }
  const named = [...Object.values(miniserve.spans), ...Object.values(miniserve.logEvents)];
  for (const { name, meaning } of named) {
    assert.match(meaning, sentence, name);
  }
});

test("a string has a list or a form, unless whoever runs the service sets it", () => {
  const open = all.filter(
    ({ type, form, values }) => type === "string" && form === undefined && values === undefined,
  );
  assert.deepEqual(
    open.map(({ key }) => key),
    ["service.version", "deployment.environment"],
  );
});

const sentence = /^\S.{5,}[.]$/;
const all: readonly Attribute[] = [
  ...Object.values(logFields),
  ...Object.values(miniserve.resource.attributes),
];

test("every attribute of the contract is on a span", () => {
  const used = new Set(
    Object.values(miniserve.spans).flatMap((span) => Object.keys(span.attributes)),
  );
  assert.deepEqual(
    Object.keys(attributes).filter((identifier) => !used.has(identifier)),
    [],
  );
});

test("every field of the log lines is in a line, or on a span", () => {
  const used = new Set([
    ...Object.keys(attributes),
    ...Object.values(miniserve.logEvents).flatMap(({ fields }) => Object.keys(fields)),
  ]);
  assert.deepEqual(
    Object.keys(logFields).filter((identifier) => !used.has(identifier)),
    [],
  );
});

test("a request that completes writes the lines that its outcome says", () => {
  const story = Object.values(miniserve.logEvents).filter(({ span }) => span !== null);
  const { logLines } = miniserve.outcomes?.byName.completed ?? {};
  const withoutRetrieval = story.filter(({ span }) => span !== "retrieve");
  assert.equal(withoutRetrieval.length, 7);
  assert.ok(logLines && logLines.min <= 7 && story.length <= logLines.max);
});
