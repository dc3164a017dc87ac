import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readOtlpJson } from "./read-json.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

/** A document with one span of these members. */
function createDocument(span: object): unknown {
  return { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId, spanId, ...span }] }] }] };
}

function createAttribute(value: unknown): unknown {
  return createDocument({ attributes: [{ key: "a", value }] });
}

const at = "resourceSpans[0].scopeSpans[0].spans[0]";

test("OTLP JSON and both of Tempo's forms give the same spans", () => {
  const span = { traceId, spanId, parentSpanId: "00f067aa0ba902b7", name: "a", kind: 2 };
  const inBase64 = {
    traceId: "CvdlGRbNQ92ESOshHIAxnA==",
    spanId: "t61rcWkgMzE=",
    parentSpanId: "APBnqgupArc=",
    name: "a",
    kind: "SPAN_KIND_SERVER",
  };
  const otlp = [{ resource: {}, scopeSpans: [{ scope: { name: "s" }, spans: [span] }] }];
  const tempo = [{ resource: {}, scopeSpans: [{ scope: { name: "s" }, spans: [inBase64] }] }];
  const old = [
    {
      resource: {},
      instrumentationLibrarySpans: [{ instrumentationLibrary: { name: "s" }, spans: [inBase64] }],
    },
  ];
  const expected = readOtlpJson({ resourceSpans: otlp });
  assert.deepEqual(expected.faults, []);
  assert.deepEqual(
    expected.spans.map(({ name, kind, parentSpanId, scope }) => [
      name,
      kind,
      parentSpanId,
      scope.name,
    ]),
    [["a", "server", "00f067aa0ba902b7", "s"]],
  );
  for (const document of [
    { batches: tempo },
    { batches: old },
    { trace: { resourceSpans: tempo } },
    { trace: { batches: tempo } },
  ]) {
    assert.deepEqual(readOtlpJson(document), expected);
  }
});

test("what is left out has protobuf's default", () => {
  const { spans, faults } = readOtlpJson(
    createDocument({ status: null, attributes: null, flags: null }),
  );
  assert.deepEqual(faults, []);
  const [span] = spans;
  assert.equal(span?.parentSpanId, null);
  assert.equal(span?.kind, "unspecified");
  assert.deepEqual(span?.status, { code: "unset", message: "" });
  assert.deepEqual([span?.startTimeUnixNano, span?.flags, span?.name], [0n, 0, ""]);
});

test("a parent of zeros is no parent", () => {
  for (const parentSpanId of ["", null, "0".repeat(16), "AAAAAAAAAAA="]) {
    const { spans, faults } = readOtlpJson(createDocument({ parentSpanId }));
    assert.deepEqual([faults, spans[0]?.parentSpanId], [[], null]);
  }
});

test("an empty answer of Tempo has no spans", () => {
  for (const document of [{ trace: {} }, { resourceSpans: [] }, { batches: [] }]) {
    assert.deepEqual(readOtlpJson(document), { spans: [], faults: [], outcomes: [] });
  }
});

test("numbers are read in each spelling that protobuf's JSON has", () => {
  const values = [
    [{ intValue: "9223372036854775807" }, { type: "int", value: 2n ** 63n - 1n }],
    [{ intValue: "-9223372036854775808" }, { type: "int", value: -(2n ** 63n) }],
    [{ intValue: 7 }, { type: "int", value: 7n }],
    [{ doubleValue: "NaN" }, { type: "double", value: Number.NaN }],
    [{ doubleValue: "-Infinity" }, { type: "double", value: Number.NEGATIVE_INFINITY }],
    [{ doubleValue: "-0" }, { type: "double", value: -0 }],
    [{ doubleValue: "1e3" }, { type: "double", value: 1000 }],
    [{ doubleValue: 2 }, { type: "double", value: 2 }],
    [{ bytesValue: "-_8" }, { type: "bytes", value: Uint8Array.of(0xfb, 0xff) }],
    [{ stringValue: null }, { type: "empty" }],
    [null, { type: "empty" }],
  ] as const;
  for (const [written, expected] of values) {
    const { spans, faults } = readOtlpJson(createAttribute(written));
    assert.deepEqual([faults, spans[0]?.attributes[0]?.value], [[], expected]);
  }
});

const secret = "Once upon a time";

/** Documents with faults, and the paths that must be told. */
const faulty: [document: unknown, ...paths: string[]][] = [
  [null, "the document"],
  [[], "the document"],
  ["{}", "the document"],
  [{}, "resourceSpans"],
  [{ trace: 1 }, "trace"],
  [{ trace: { spans: [] } }, "trace.resourceSpans"],
  [{ resourceSpans: {} }, "resourceSpans"],
  [{ resourceSpans: [1] }, "resourceSpans[0]"],
  [{ batches: [{ scopeSpans: 1 }] }, "batches[0].scopeSpans"],
  [createDocument({ traceId: secret }), `${at}.traceId`],
  [createDocument({ traceId: spanId, spanId: "" }), `${at}.traceId`, `${at}.spanId`],
  [createDocument({ parentSpanId: 0 }), `${at}.parentSpanId`],
  [createDocument({ kind: 1.5, flags: "x" }), `${at}.flags`, `${at}.kind`],
  [createDocument({ kind: { toString: 1 } }), `${at}.kind`],
  [createDocument({ kind: [secret] }), `${at}.kind`],
  [
    createDocument({ status: { code: true, message: 1 } }),
    `${at}.status.code`,
    `${at}.status.message`,
  ],
  [createDocument({ events: [{ name: 1 }, 2] }), `${at}.events[0].name`, `${at}.events[1]`],
  [createDocument({ attributes: [{ key: 1 }] }), `${at}.attributes[0].key`],
  [createAttribute({ intValue: "1.5" }), `${at}.attributes[0].value.intValue`],
  [createAttribute({ doubleValue: secret }), `${at}.attributes[0].value.doubleValue`],
  [createAttribute({ bytesValue: secret }), `${at}.attributes[0].value.bytesValue`],
  [createAttribute({ arrayValue: [secret] }), `${at}.attributes[0].value.arrayValue`],
  [
    createAttribute({ kvlistValue: { values: [{ key: "b", value: { boolValue: secret } }] } }),
    `${at}.attributes[0].value.kvlistValue.values[0].value.boolValue`,
  ],
];

for (const [document, ...paths] of faulty) {
  test(`told: ${paths.join(" and ")}`, () => {
    const { spans, faults } = readOtlpJson(document);
    assert.deepEqual(
      faults.map(({ path }) => path),
      paths,
    );
    assert.deepEqual(spans, []);
    assert.ok(!JSON.stringify(faults).includes(secret));
  });
}

const seed = 34;

test("whatever JSON comes, nothing is thrown", (t) => {
  t.diagnostic(`seed ${seed}`);
  const names = [
    "resourceSpans",
    "batches",
    "trace",
    "resource",
    "scopeSpans",
    "scope",
    "spans",
    "attributes",
    "key",
    "value",
    "arrayValue",
    "kvlistValue",
    "values",
    "stringValue",
    "intValue",
    "doubleValue",
    "bytesValue",
    "boolValue",
    "events",
    "links",
    "status",
    "code",
    "kind",
    "traceId",
    "spanId",
    "parentSpanId",
    "name",
    "flags",
    "startTimeUnixNano",
    "toString",
    "valueOf",
    "__proto__",
  ];
  const { entry } = fc.letrec<{ entry: unknown }>((tie) => ({
    entry: fc.oneof(
      { maxDepth: 12, depthIdentifier: "garbage" },
      fc.oneof(
        fc.jsonValue({ maxDepth: 1 }),
        fc.constantFrom(traceId, spanId, "NaN", "1", "SPAN_KIND_SERVER", -1, 1e300),
      ),
      fc.array(tie("entry"), { maxLength: 3, depthIdentifier: "garbage" }),
      fc
        .array(fc.tuple(fc.constantFrom(...names), tie("entry")), { maxLength: 6 })
        .map((members) => Object.fromEntries(members)),
    ),
  }));
  const property = fc.property(entry, fc.constantFrom(...names), (garbage, name) => {
    readOtlpJson(garbage);
    readOtlpJson({ resourceSpans: [garbage] });
    readOtlpJson({ resourceSpans: [{ [name]: garbage, scopeSpans: [{ spans: [garbage] }] }] });
    readOtlpJson(
      createDocument({ [name]: garbage, attributes: [garbage, { key: "a", value: garbage }] }),
    );
  });
  fc.assert(property, { seed, numRuns: 1000 });
});
