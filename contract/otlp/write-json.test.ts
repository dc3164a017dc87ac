import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyExport } from "../../tests/support/traces/otlp-spans.ts";
import { readOtlpJson } from "./read-json.ts";
import { emptyResource, emptyScope, type Span } from "./span.ts";
import { type JsonDialect, resourceSpansText, writeResourceSpans } from "./write-json.ts";

const seed = 34;

function byId(a: Span, b: Span): number {
  return a.spanId < b.spanId ? -1 : 1;
}

for (const [dialect, wrap] of [
  ["otlp", (resourceSpans: unknown) => ({ resourceSpans })],
  ["tempo", (batches: unknown) => ({ batches })],
  ["tempo", (resourceSpans: unknown) => ({ trace: { resourceSpans } })],
] as [JsonDialect, (spans: unknown) => object][]) {
  test(`what is written as ${dialect} is read as it was: ${Object.keys(wrap([]))}`, (t) => {
    t.diagnostic(`seed ${seed}`);
    const property = fc.property(anyExport, (spans) => {
      const document = JSON.parse(JSON.stringify(wrap(writeResourceSpans(spans, dialect))));
      const read = readOtlpJson(document);
      assert.deepEqual(read.faults, []);
      // Spans of the same resource and scope are written together.
      assert.deepEqual(read.spans.sort(byId), spans);
    });
    fc.assert(property, { seed, numRuns: 300 });
  });
}

const span: Span = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: null,
  traceState: "",
  flags: 257,
  name: "llm.decode",
  kind: "internal",
  startTimeUnixNano: 1_700_000_000_000_000_001n,
  endTimeUnixNano: 1_700_000_000_000_000_002n,
  attributes: [
    { key: "a", value: { type: "int", value: 2n ** 63n - 1n } },
    { key: "b", value: { type: "double", value: Number.NaN } },
    { key: "c", value: { type: "double", value: -0 } },
    { key: "d", value: { type: "empty" } },
    { key: "e", value: { type: "string", value: "" } },
  ],
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  status: { code: "error", message: "" },
  resource: { ...emptyResource, attributes: [{ key: "r", value: { type: "bool", value: false } }] },
  scope: { ...emptyScope, name: "tracer" },
};

const common = {
  flags: 257,
  name: "llm.decode",
  startTimeUnixNano: "1700000000000000001",
  endTimeUnixNano: "1700000000000000002",
  attributes: [
    { key: "a", value: { intValue: "9223372036854775807" } },
    { key: "b", value: { doubleValue: "NaN" } },
    { key: "c", value: { doubleValue: "-0" } },
    { key: "d", value: {} },
    { key: "e", value: { stringValue: "" } },
  ],
};

function documentWith(written: object): object[] {
  return [
    {
      resource: { attributes: [{ key: "r", value: { boolValue: false } }] },
      scopeSpans: [{ scope: { name: "tracer" }, spans: [written] }],
    },
  ];
}

test("in OTLP's own JSON ids are hex and enumerations are numbers", () => {
  const ids = { traceId: span.traceId, spanId: span.spanId };
  const written = { ...ids, ...common, kind: 1, status: { code: 2 } };
  assert.deepEqual(writeResourceSpans([span], "otlp"), documentWith(written));
});

test("in Tempo's JSON ids are base64 and enumerations are names", () => {
  const ids = { traceId: "CvdlGRbNQ92ESOshHIAxnA==", spanId: "t61rcWkgMzE=" };
  const named = { kind: "SPAN_KIND_INTERNAL", status: { code: "STATUS_CODE_ERROR" } };
  const written = { ...ids, ...common, ...named };
  assert.deepEqual(writeResourceSpans([span], "tempo"), documentWith(written));
});

test("spans are grouped by resources and scopes that say the same", () => {
  const copy = structuredClone(span);
  const other = { ...span, scope: { ...span.scope, version: "2" } };
  const [group, ...more] = writeResourceSpans([span, other, copy], "otlp");
  assert.deepEqual(more, []);
  const scopes = group?.scopeSpans as { spans: unknown[] }[];
  assert.deepEqual(
    scopes.map(({ spans }) => spans.length),
    [2, 1],
  );
});

for (const dialect of ["otlp", "tempo"] as const) {
  test(`the text in pieces is that of the complete: ${dialect}`, (t) => {
    t.diagnostic(`seed ${seed}`);
    const property = fc.property(anyExport, (spans) => {
      const text = `[${[...resourceSpansText(spans, dialect)].join("")}]`;
      assert.equal(text, JSON.stringify(writeResourceSpans(spans, dialect)));
    });
    fc.assert(property, { seed, numRuns: 300 });
  });
}
