import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyResource, type KeyValue, type Span, type Value } from "#contract";
import { type Ask, startApiUnderTest } from "../testing/api-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";

const hourNs = 3_600_000_000_000n;
const { startTimeUnixNano: firstNs } = sampleSpan();

const attribute = (key: string, value: Value): KeyValue => ({ key, value });
const text = (key: string, value: string) => attribute(key, { type: "string", value });
const array = (...value: Value[]): Value => ({ type: "array", value });
const int = (value: bigint): Value => ({ type: "int", value });

function createSpan(service: string, startNs: bigint, changes: Partial<Span>): Span {
  const attributes = [text("service.name", service), text(`of.${service}`, "1")];
  return sampleSpan({
    traceId: (service === "a" ? "a" : "b").padStart(32, "0"),
    startTimeUnixNano: startNs,
    endTimeUnixNano: startNs + 1_000_000n,
    resource: { ...emptyResource, attributes },
    ...changes,
  });
}

const spans = [
  createSpan("a", firstNs, {
    attributes: [
      attribute("llm.tokens.out", int(3n)),
      attribute("list", array(int(10n), int(9n), { type: "string", value: "x" })),
      attribute("bytes", { type: "bytes", value: Uint8Array.of(1) }),
      text("note", ""),
    ],
    events: ["first", "second"].map((name) => ({
      timeUnixNano: firstNs,
      name,
      attributes: [text("event.key", name)],
      droppedAttributesCount: 0,
    })),
  }),
  createSpan("b", firstNs + 3n * hourNs, {
    attributes: [attribute("late", int(1n))],
    name: "later",
  }),
];

async function names(ask: Ask, parameters: Record<string, string>, path = "/api/v2/search/tags") {
  const { status, text: body } = await ask(path, parameters);
  assert.equal(status, 200, body);
  const { scopes, tagNames } = JSON.parse(body) as {
    scopes?: { name: string; tags: string[] }[];
    tagNames?: string[];
  };
  return tagNames ?? Object.fromEntries((scopes ?? []).map(({ name, tags }) => [name, tags]));
}

async function values(ask: Ask, tag: string, parameters = {}): Promise<unknown[]> {
  const { status, text: body } = await ask(
    `/api/v2/search/tag/${encodeURIComponent(tag)}/values`,
    parameters,
  );
  assert.equal(status, 200, body);
  return JSON.parse(body).tagValues;
}

test("names come by scope, and intrinsics in both spellings without a limit", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  const all = (await names(ask, { limit: "1" })) as Record<string, string[]>;
  assert.deepEqual(Object.keys(all), ["event", "intrinsic", "resource", "span"]);
  assert.deepEqual(all.span, ["bytes"]);
  for (const name of ["duration", "span:duration", "trace:rootName", "span:childCount"]) {
    assert.ok(all.intrinsic?.includes(name), name);
  }
  assert.deepEqual(await names(ask, { scope: "event" }), { event: ["event.key"] });
  assert.equal((await ask("/api/v2/search/tags", { scope: "nothing" })).status, 400);
});

test("names can be narrowed by a query, in every scope, and by time to the hour", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  const ofA = (await names(ask, { q: '{ resource.service.name = "a" }' })) as object;
  assert.deepEqual(
    { ...ofA, intrinsic: [] },
    {
      event: ["event.key"],
      intrinsic: [],
      resource: ["of.a", "service.name"],
      span: ["bytes", "list", "llm.tokens.out", "note"],
    },
  );
  const structural = { q: '{ } >> { name = "nothing" }', scope: "span" };
  assert.deepEqual(await names(ask, structural), {});
  const seconds = (ns: bigint) => String(ns / 1_000_000_000n);
  const late = { start: seconds(firstNs + 2n * hourNs), end: seconds(firstNs + 4n * hourNs) };
  assert.deepEqual(await names(ask, { scope: "span", ...late }), { span: ["late"] });
  assert.deepEqual(await names(ask, { scope: "span", q: "{ }", ...late }), { span: ["late"] });
});

test("the older form has attributes alone, each once, unless intrinsics are asked for", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  const path = "/api/search/tags";
  const all = ["bytes", "event.key", "late", "list", "llm.tokens.out", "note"];
  assert.deepEqual(await names(ask, {}, path), [...all, "of.a", "of.b", "service.name"]);
  assert.deepEqual(await names(ask, { limit: "1" }, path), ["bytes"]);
  const intrinsics = (await names(ask, { scope: "intrinsic" }, path)) as string[];
  assert.ok(intrinsics.includes("duration"));
});

test("each element of an array is a value, and each event has its own", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  assert.deepEqual(await values(ask, "span.list"), [
    { type: "int", value: "9" },
    { type: "int", value: "10" },
    { type: "string", value: "x" },
  ]);
  assert.deepEqual(await values(ask, "event:name"), [
    { type: "string", value: "first" },
    { type: "string", value: "second" },
  ]);
  assert.equal((await values(ask, "event.event.key")).length, 2);
  assert.deepEqual(await values(ask, "span.note"), [{ type: "string" }], "empty is left out");
  assert.deepEqual(await values(ask, "span.bytes"), []);
  assert.deepEqual(await values(ask, "span.list", { limit: "1" }), [{ type: "int", value: "9" }]);
  assert.deepEqual(await values(ask, "name", { q: "{ span.late = 1 }" }), [
    { type: "string", value: "later" },
  ]);
});

test("the older form of values finds an attribute in any scope, and names of before", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  const older = async (tag: string) =>
    JSON.parse((await ask(`/api/search/tag/${tag}/values`)).text).tagValues;
  assert.deepEqual(await older("service.name"), ["a", "b"]);
  assert.deepEqual(await older("llm.tokens.out"), ["3"]);
  assert.deepEqual(await older("root.service.name"), ["a", "b"]);
  assert.deepEqual(await older("status.code"), ["unset", "ok", "error"]);
  assert.deepEqual(await older("duration"), [], "here it is the name of an attribute");
});
