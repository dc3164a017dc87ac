import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Value } from "#contract";
import { miniserve } from "#miniserve";
import { arbitrarySpan } from "../testing/arbitrary-span.ts";
import { assertSameSpans } from "../testing/assert-same-spans.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { SpanTexts } from "./span-texts.ts";

const seed = 20_261_127;

const string = (value: string): Value => ({ type: "string", value });
const attributes = (text: string) => [
  { key: `key ${text}`, value: string(text) },
  { key: "bytes", value: { type: "bytes", value: Buffer.from(text) } as Value },
  { key: "list", value: { type: "array", value: [string(text), string("short")] } as Value },
  {
    key: "map",
    value: { type: "map", value: [{ key: text, value: string(text) }] } as Value,
  },
];

test("every text of a span is cut to the limit, and counted", () => {
  const long = "x".repeat(50);
  const owner = { attributes: attributes(long), droppedAttributesCount: 0 };
  const { resource, scope } = sampleSpan();
  const span = sampleSpan({
    name: long,
    traceState: long,
    status: { code: "error", message: long },
    ...owner,
    events: [{ timeUnixNano: 1n, name: long, ...owner }],
    links: [{ traceId: "1", spanId: "2", traceState: long, flags: 0, ...owner }],
    resource: { ...resource, ...owner, schemaUrl: long },
    scope: { ...scope, ...owner, name: long, version: long, schemaUrl: long },
  });
  const { spans, cut } = new SpanTexts(20).apply([span]);
  // Six a list of attributes, five lists, and nine texts beside them.
  assert.equal(cut, 5 * 6 + 9);
  const text = JSON.stringify(spans, (_key, value) => {
    return typeof value === "bigint" ? String(value) : value;
  });
  assert.ok(!text.includes("x".repeat(21)) && text.includes("x".repeat(20)));
  assert.equal(spans[0]?.status.code, "error");
});

test("a text is cut between characters, whatever they are made of", () => {
  const readName = (name: string, limit: number) =>
    new SpanTexts(limit).apply([
      sampleSpan({
        name,
        resource: { attributes: [], droppedAttributesCount: 0, schemaUrl: "" },
        scope: { name: "", version: "", attributes: [], droppedAttributesCount: 0, schemaUrl: "" },
      }),
    ]).spans[0]?.name;
  assert.equal(readName("aü€🙂b", 100), "aü€🙂b");
  assert.equal(readName("aü€🙂b", 11), "aü€🙂b");
  assert.equal(readName("aü€🙂b", 10), "aü€🙂");
  assert.equal(readName("aü€🙂b", 9), "aü€");
  assert.equal(readName("aü€🙂b", 5), "aü");
  assert.equal(readName("aü€🙂b", 2), "a");
  assert.equal(readName("🙂", 3), "");
});

test(`what is short enough is the same object; nothing else changes (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(arbitrarySpan(miniserve), { maxLength: 3 }), fc.nat(12), (sent, limit) => {
      const untouched = new SpanTexts(10_000).apply(sent);
      assert.equal(untouched.spans, sent);
      assert.equal(untouched.cut, 0);
      const once = new SpanTexts(limit + 1).apply(sent);
      assert.equal(once.spans === sent, once.cut === 0);
      const twice = new SpanTexts(limit + 1).apply(once.spans);
      assert.equal(twice.cut, 0);
      assertSameSpans(twice.spans, once.spans);
    }),
    { seed, numRuns: 200 },
  );
});

test("a resource that spans share is cut once and still shared", () => {
  const { resource } = sampleSpan();
  const shared = { ...resource, schemaUrl: "y".repeat(30) };
  const { spans, cut } = new SpanTexts(25).apply([
    sampleSpan({ resource: shared }),
    sampleSpan({ resource: shared }),
  ]);
  assert.equal(cut, 1);
  assert.equal(spans[0]?.resource, spans[1]?.resource);
});

test("half of a surrogate pair, wherever it stands, becomes the character that stands for that", () => {
  const { spans, cut, repaired } = new SpanTexts(30).apply([
    sampleSpan({ name: "a\udfffb", attributes: attributes("\ud800") }),
    sampleSpan({ name: "a\u{fffd}b\u{1f600}" }),
  ]);
  assert.deepEqual(
    [spans.map(({ name }) => name), cut],
    [["a\u{fffd}b", "a\u{fffd}b\u{1f600}"], 0],
  );
  // The name, two keys and three values; the bytes are no text.
  assert.equal(repaired, 6);
  assert.ok(JSON.stringify(spans[0]?.attributes).isWellFormed());
});
