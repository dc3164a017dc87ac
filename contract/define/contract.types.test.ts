/**
 * What must not compile. The type check is the test: an expected error that does not come up is one
 * itself. Each stands on one line, so that the formatter cannot part it from its comment.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { boolean, defineAttributes, double, int, oneOf, string } from "./attribute.ts";
import { defineContract } from "./contract.ts";
import { DefinitionError } from "./definition-error.ts";
import { defineLogEvents, type LogFields, logEvent } from "./log-event.ts";
import { defineResource } from "./resource.ts";
import {
  type AtEnd,
  type AtStart,
  defineSpanTree,
  type OnSuccess,
  type Settable,
  span,
} from "./span.ts";

/** A contract that never changes, whatever is added to miniserve's. */
const whole = { brief: "A number.", examples: [1] } as const;
const attributes = defineAttributes({
  model: string("llm.model", { brief: "The model.", examples: ["a-model"] }),
  tokenizerName: string("tokenizer.name", { brief: "The tokenizer.", examples: ["llama"] }),
  outcome: oneOf("outcome", ["completed", "failed"], { brief: "How it ended." }),
  stopReason: oneOf("stop_reason", ["stop", "length"], { brief: "Why it stopped." }),
  streamed: boolean("streamed", { brief: "Whether it was a stream." }),
  statusCode: int("status_code", whole),
  slotWaitUs: int("slot_wait_us", whole),
  tokensIn: int("tokens.in", whole),
  tokensOut: int("tokens.out", whole),
  cacheHits: int("cache.hits", whole),
  cacheMisses: int("cache.misses", whole),
  decodeSteps: int("decode.steps", whole),
  meanStepMs: double("decode.mean_step_ms", { ...whole, unit: "ms" }),
});
const stage = { brief: "A stage.", parent: "handler" } as const;
const spans = defineSpanTree(attributes, {
  handler: span("handler", {
    brief: "The request.",
    parent: null,
    atEnd: ["statusCode", "outcome"],
    optional: ["slotWaitUs", "streamed"],
  }),
  tokenize: span("tokenize", { ...stage, atStart: ["tokenizerName"], onSuccess: ["tokensIn"] }),
  retrieve: span("retrieve", { ...stage, presence: "optional" }),
  embedQuery: span("embed", { ...stage, parent: "retrieve" }),
  prefill: span("prefill", { ...stage, onSuccess: ["tokensIn", "cacheHits", "cacheMisses"] }),
  decode: span("decode", {
    ...stage,
    atStart: ["model"],
    onSuccess: ["tokensOut", "decodeSteps", "meanStepMs", "stopReason"],
  }),
});
const logged = { brief: "A line.", level: "info", span: null } as const;
const fields = {
  ...attributes,
  ...defineAttributes({ reason: string("reason", { brief: "Why.", examples: ["x"] }) }),
};
const logEvents = defineLogEvents(fields, {
  inputTokenized: logEvent("input.tokenized", { ...logged, fields: ["tokensIn"] }),
  serverStarting: logEvent("server.starting", logged),
});
const resource = defineResource({
  attributes: { service: string("service.name", { brief: "The service.", examples: ["a"] }) },
  serviceName: "service",
  defaults: { service: "a" },
});

/** Says that these are the values of a type, without doing anything. */
function takes<Values>(values: Values): Values {
  return values;
}

type Handler = typeof spans.handler;
type Tokenize = typeof spans.tokenize;
type Prefill = typeof spans.prefill;
type Decode = typeof spans.decode;
type EmbedQuery = typeof spans.embedQuery;

const model = "a-model";
const generated = { tokensOut: 1, decodeSteps: 2, meanStepMs: 0.5 };
const generatedWell = { ...generated, stopReason: "stop" } as const;

test("a span starts with what it must have, and with nothing else", () => {
  takes<AtStart<Decode>>({ model });
  takes<AtStart<EmbedQuery>>({});
  // @ts-expect-error: it must have its model.
  takes<AtStart<Decode>>({});
  // @ts-expect-error: this is of another span.
  takes<AtStart<Decode>>({ model, tokenizerName: "llama" });
  // @ts-expect-error: there is no such attribute.
  takes<AtStart<Decode>>({ model, modle: model });
  // @ts-expect-error: a name on the wire is no identifier.
  takes<AtStart<Decode>>({ "llm.model": model });
  // @ts-expect-error: another type.
  takes<AtStart<Decode>>({ model: 1 });
  // @ts-expect-error: it takes no attribute.
  takes<AtStart<EmbedQuery>>({ model });
  // @ts-expect-error: it is set at the end.
  takes<AtStart<Tokenize>>({ tokenizerName: "llama", tokensIn: 1 });
  assert.deepEqual(spans.decode.atStart, ["model"]);
});

test("a span ends with what it must have, however it ends", () => {
  takes<AtEnd<Handler>>({ statusCode: 200, outcome: "completed" });
  takes<AtEnd<Decode>>({});
  // @ts-expect-error: it must have its outcome.
  takes<AtEnd<Handler>>({ statusCode: 200 });
  // @ts-expect-error: no outcome of the list.
  takes<AtEnd<Handler>>({ statusCode: 200, outcome: "done" });
  // @ts-expect-error: another type.
  takes<AtEnd<Handler>>({ statusCode: "200", outcome: "completed" });
  assert.deepEqual(spans.handler.atEnd, ["statusCode", "outcome"]);
});

test("a stage that did its work ends with all it must have on success", () => {
  takes<OnSuccess<Decode>>(generatedWell);
  // @ts-expect-error: it must have its stop reason.
  takes<OnSuccess<Decode>>(generated);
  // @ts-expect-error: no stop reason of the list.
  takes<OnSuccess<Decode>>({ ...generated, stopReason: "eos" });
  // @ts-expect-error: another type.
  takes<OnSuccess<Decode>>({ ...generatedWell, tokensOut: "1" });
  // @ts-expect-error: undefined is no value.
  takes<OnSuccess<Decode>>({ ...generatedWell, tokensOut: undefined });
  // @ts-expect-error: this is of another span.
  takes<OnSuccess<Decode>>({ ...generatedWell, tokensIn: 1 });
  assert.deepEqual(spans.decode.onSuccess, Object.keys(generatedWell));
});

test("while it runs, a span takes some of what is its own", () => {
  takes<Settable<Decode>>({});
  takes<Settable<Decode>>({ tokensOut: 1 });
  takes<Settable<Handler>>({ slotWaitUs: 1, streamed: true });
  // @ts-expect-error: this is of another span.
  takes<Settable<Decode>>({ cacheHits: 1 });
  // @ts-expect-error: undefined is no value.
  takes<Settable<Decode>>({ tokensOut: undefined });
  // @ts-expect-error: it takes no attribute.
  takes<Settable<EmbedQuery>>({ tokensOut: 1 });
  // What code combines stays usable where one part is empty.
  takes<AtEnd<Prefill> & OnSuccess<Prefill>>({ tokensIn: 2, cacheHits: 1, cacheMisses: 1 });
  // @ts-expect-error: and strict.
  takes<AtEnd<Prefill> & OnSuccess<Prefill>>({ tokensIn: 2, cacheHits: 1 });
  assert.deepEqual(spans.embedQuery.attributes, {});
});

test("a log line has its fields, and nothing else", () => {
  takes<LogFields<typeof logEvents.inputTokenized>>({ tokensIn: 1 });
  takes<LogFields<typeof logEvents.serverStarting>>({});
  // @ts-expect-error: it must have its field.
  takes<LogFields<typeof logEvents.inputTokenized>>({});
  // @ts-expect-error: another type.
  takes<LogFields<typeof logEvents.inputTokenized>>({ tokensIn: "1" });
  // @ts-expect-error: there is no such field.
  takes<LogFields<typeof logEvents.inputTokenized>>({ tokensIn: 1, words: "Once" });
  // @ts-expect-error: it takes no field.
  takes<LogFields<typeof logEvents.serverStarting>>({ reason: "y" });
  const a = logEvent("a", { ...logged, optionalFields: ["model"] });
  const onlyOptional = defineLogEvents(attributes, { a });
  takes<LogFields<typeof onlyOptional.a>>({});
  takes<LogFields<typeof onlyOptional.a>>({ model });
  // @ts-expect-error: another type.
  takes<LogFields<typeof onlyOptional.a>>({ model: 1 });
  assert.deepEqual(onlyOptional.a.required, []);
});

const root = { brief: "The request.", parent: null } as const;
const brief = "It means something.";

test("what stands for content has no name in a contract", () => {
  const text = { brief, examples: ["x"] } as const;
  // @ts-expect-error: "prompt".
  const a = string("llm.prompt", text);
  // @ts-expect-error: "messages", in any casing.
  const b = int("llm.Messages", { brief, examples: [1] });
  // @ts-expect-error: "completion".
  const c = double("completion.cost", { brief, examples: [1] });
  // @ts-expect-error: "text" in "context".
  const d = boolean("llm.context_shift", { brief });
  // @ts-expect-error: "text".
  const e = oneOf("output.text", ["a"], { brief });
  assert.throws(() => defineAttributes({ a, b, c, d, e }), DefinitionError);
});

test("an attribute is described by what its type has", () => {
  // @ts-expect-error: a typo.
  const a = int("a", { brief, examples: [1], untit: "ms" });
  // @ts-expect-error: an example of another type.
  const b = int("b", { brief, examples: ["1"] });
  // @ts-expect-error: no example.
  const c = int("c", { brief, examples: [] });
  // @ts-expect-error: a list of nothing.
  const d = oneOf("d", [], { brief });
  // @ts-expect-error: no meaning.
  const e = boolean("e", {});
  assert.throws(() => defineAttributes({ a, b, c, d, e }), DefinitionError);
});

test("a span lists attributes that there are, under keys that there are", () => {
  // @ts-expect-error: a typo in the key of a description.
  const typo = span("a", { ...root, onSucces: ["model"] });
  // @ts-expect-error: no such presence.
  const presence = span("b", { ...root, presence: "sometimes" });
  // @ts-expect-error: a contract does not leave the kind open.
  const kind = span("c", { ...root, kind: "unspecified" });
  const a = span("a", { ...root, atStart: ["modle"] });
  // @ts-expect-error: no such attribute.
  const unknown = () => defineSpanTree(attributes, { a });
  assert.throws(unknown, DefinitionError);
  assert.deepEqual([typo.name, presence.name, kind.name], ["a", "b", "c"]);
});

test("a log event lists fields that there are, under keys that there are", () => {
  // @ts-expect-error: a typo in the key of a description.
  const typo = logEvent("a", { ...logged, field: ["model"] });
  // @ts-expect-error: no such level.
  const level = logEvent("b", { ...logged, level: "notice" });
  const a = logEvent("a", { ...logged, fields: ["modle"] });
  // @ts-expect-error: no such field.
  const unknown = () => defineLogEvents(attributes, { a });
  assert.throws(unknown, DefinitionError);
  assert.deepEqual([typo.name, level.name], ["a", "b"]);
});

test("a contract's parts are of that contract", () => {
  const parts = { tracerName: "t", resource, attributes, spans, logEvents, invariants: [] };
  const sum = { rule: "r", brief, relation: "equals" } as const;
  const right = ["prefill.tokensIn"] as const;
  const known = { ...sum, left: ["prefill.cacheHits"], right, unless: "retrieve" } as const;
  const otherSpan = { ...sum, left: ["decode.cacheHits"], right } as const;
  const typo = { ...sum, left: ["prefil.tokensIn"], right } as const;
  const otherUnless = { ...known, unless: "retrive" } as const;
  const outcomes = { attribute: "result", byName: {} } as const;
  defineContract({ ...parts, invariants: [known] });
  // @ts-expect-error: the span has no such attribute.
  const path = () => defineContract({ ...parts, invariants: [otherSpan] });
  // @ts-expect-error: no such span.
  const noSpan = () => defineContract({ ...parts, invariants: [typo] });
  // @ts-expect-error: no such span.
  const unless = () => defineContract({ ...parts, invariants: [otherUnless] });
  // @ts-expect-error: no such attribute.
  const outcome = () => defineContract({ ...parts, outcomes });
  for (const wrong of [path, noSpan, unless, outcome]) {
    assert.throws(wrong, DefinitionError);
  }
});

test("a resource names one of its own attributes", () => {
  const service = { service: string("service.name", { brief, examples: ["shop"] }) };
  const named = { attributes: service, serviceName: "service" } as const;
  const defaults = { service: "shop" };
  defineResource({ ...named, defaults });
  // @ts-expect-error: no such attribute.
  const name = () => defineResource({ attributes: service, serviceName: "name", defaults });
  // @ts-expect-error: no such attribute.
  const value = () => defineResource({ ...named, defaults: { ...defaults, zone: "a" } });
  for (const wrong of [name, value]) {
    assert.throws(wrong, DefinitionError);
  }
});
