import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type KeyValue, readOtlpJson, type Span, type Value } from "#contract";
import { miniserve } from "#miniserve";
import { arbitrarySpan } from "../testing/arbitrary-span.ts";
import { assertSameSpans } from "../testing/assert-same-spans.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { spanWithSecrets } from "../testing/span-with-secrets.ts";
import { AllowList } from "./allow-list.ts";

const seed = 20_261_128;
const secret = "Once upon a time";

const apply = (...spans: Span[]) => new AllowList([miniserve]).apply(spans);
const int = (value: bigint): Value => ({ type: "int", value });
const string = (value: string): Value => ({ type: "string", value });

function formatSpans(spans: readonly Span[]): string {
  return JSON.stringify(spans, (_key, value) =>
    typeof value === "bigint"
      ? String(value)
      : value instanceof Uint8Array
        ? Buffer.from(value).toString()
        : value,
  );
}

/** The attributes that are left of these. */
function left(...attributes: KeyValue[]): readonly KeyValue[] {
  return apply(sampleSpan({ attributes })).spans[0]?.attributes ?? [];
}

test("a span as contracted passes as it is, and nothing is counted", async () => {
  const scope = { ...sampleSpan().scope, name: miniserve.tracerName };
  const span = sampleSpan({
    scope,
    kind: "server",
    name: "http.handler",
    attributes: [
      { key: "http.route", value: string("/v1/completions") },
      { key: "llm.tokens.out", value: int(0n) },
      { key: "llm.request.streamed", value: { type: "bool", value: false } },
    ],
    events: [
      {
        timeUnixNano: 1n,
        name: "exception",
        attributes: [
          { key: "exception.type", value: string("TypeError") },
          { key: "exception.message", value: string("model_failed") },
          {
            key: "exception.stacktrace",
            value: string("TypeError: model_failed\n    at f (a.ts:1:2)"),
          },
        ],
        droppedAttributesCount: 0,
      },
    ],
  });
  const { spans, removed } = apply(span);
  assert.deepEqual([...removed], []);
  assertSameSpans(spans, [span]);
});

test("a secret in any place of the contract's service is removed, and counted by kind", () => {
  const { spans, removed } = apply(spanWithSecrets("miniserve", secret));
  assert.ok(!formatSpans(spans).includes(secret));
  assert.deepEqual(Object.fromEntries(removed), {
    "span name": 1,
    "trace state": 1,
    "status message": 1,
    "span attribute": 5,
    "attribute value": 8,
    "event name": 1,
    "event attribute": 2,
    link: 1,
    "resource attribute": 1,
    "schema URL": 2,
    scope: 1,
  });
  assert.deepEqual(
    [spans[0]?.name, spans[0]?.events[0]?.name, spans[0]?.scope.name],
    ["redacted", "redacted", miniserve.tracerName],
  );
});

test("other services pass untouched", () => {
  for (const service of ["another", "miniserve2", ""]) {
    const span = spanWithSecrets(service, secret);
    const { spans, removed } = apply(span);
    assert.equal(spans[0], span);
    assert.equal(removed.size, 0);
  }
});

test("values have the declared type and form; a whole double is a double again", () => {
  const mean = { key: "llm.decode.mean_step_ms", value: int(42n) };
  assert.deepEqual(left(mean), [{ ...mean, value: { type: "double", value: 42 } }]);
  for (const [key, value] of [
    ["llm.decode.mean_step_ms", string("42")],
    ["llm.decode.mean_step_ms", { type: "double", value: Number.NaN }],
    ["llm.tokens.out", { type: "double", value: 1 }],
    ["llm.tokens.out", int(-1n)],
    ["llm.tokens.out", int(2n ** 60n)],
    ["http.route", string("/v1/completions?q=x")],
    ["llm.model", string(`a ${secret}`)],
    ["llm.model", { type: "array", value: [string("a")] }],
    ["llm.model", { type: "map", value: [{ key: "k", value: string("a") }] }],
    ["llm.model", { type: "bytes", value: Buffer.from("a") }],
    ["llm.model", { type: "empty" }],
  ] satisfies [string, Value][]) {
    assert.deepEqual(left({ key, value }), [], `${key} ${value.type}`);
  }
  const twice = ["first", "second"].map((text) => ({ key: "llm.model", value: string(text) }));
  assert.deepEqual(left(...twice), twice.slice(0, 1));
});

test(`whatever the contract's service sends, applying it twice changes nothing more (seed ${seed})`, () => {
  const service = [{ key: "service.name", value: string("miniserve") }];
  fc.assert(
    fc.property(fc.array(arbitrarySpan(miniserve), { maxLength: 3 }), (sent) => {
      const ours = sent.map((span) => ({
        ...span,
        resource: { ...span.resource, attributes: [...service, ...span.resource.attributes] },
      }));
      const once = apply(...ours);
      const twice = apply(...once.spans);
      // Only a name that is ours already is counted again.
      assert.ok([...twice.removed.keys()].every((kind) => kind.endsWith("name")));
      assertSameSpans(twice.spans, once.spans);
      for (const span of once.spans) {
        assert.deepEqual([span.links, span.traceState, span.status.message], [[], "", ""]);
      }
    }),
    { seed, numRuns: 200 },
  );
});

test("the sample trace of the project passes whole", async () => {
  const { readFileSync } = await import("node:fs");
  const file = new URL("../../../experiments/34-traces/sample-trace.json", import.meta.url);
  const { spans } = readOtlpJson(JSON.parse(readFileSync(file, "utf8")));
  assert.ok(spans.length > 0);
  assert.deepEqual([...apply(...spans).removed], []);
});
