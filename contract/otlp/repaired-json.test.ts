import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadOutcome } from "./json-reader.ts";
import { readOtlpJson } from "./read-json.ts";
import type { Span } from "./span.ts";

/** What a receiver takes though it is not as it should be, and what it leaves out beside others. */

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

const secret = "Once upon a time";

/** Documents of a span that is read all the same: the path that is told, the outcome, and a look at the span. */
const mended: [
  document: unknown,
  path: string,
  outcome: ReadOutcome | null,
  read: (span: Span) => unknown,
  expected: unknown,
][] = [
  [createDocument({ kind: 99 }), `${at}.kind`, "enum_unknown", (span) => span.kind, "unspecified"],
  [
    createDocument({ kind: "SPAN_KIND_OTHER" }),
    `${at}.kind`,
    "enum_unknown",
    (span) => span.kind,
    "unspecified",
  ],
  [
    createDocument({ status: { code: 7 } }),
    `${at}.status.code`,
    "enum_unknown",
    (span) => span.status.code,
    "unset",
  ],
  [
    createDocument({ startTimeUnixNano: "-1" }),
    `${at}.startTimeUnixNano`,
    "number_clamped",
    (span) => span.startTimeUnixNano,
    0n,
  ],
  [
    createDocument({ endTimeUnixNano: "18446744073709551616" }),
    `${at}.endTimeUnixNano`,
    "number_clamped",
    (span) => span.endTimeUnixNano,
    2n ** 64n - 1n,
  ],
  [
    createDocument({ droppedAttributesCount: 2 ** 32 }),
    `${at}.droppedAttributesCount`,
    "number_clamped",
    (span) => span.droppedAttributesCount,
    2 ** 32 - 1,
  ],
  [
    createDocument({ links: [{ traceId, spanId: secret }] }),
    `${at}.links[0].spanId`,
    "link_id_invalid",
    (span) => span.links[0]?.spanId,
    "",
  ],
  [
    createAttribute({ intValue: 2 ** 63 }),
    `${at}.attributes[0].value.intValue`,
    "number_clamped",
    (span) => span.attributes[0]?.value,
    { type: "int", value: 2n ** 63n - 1n },
  ],
  [
    createAttribute({ [secret]: 1 }),
    `${at}.attributes[0].value`,
    null,
    (span) => span.attributes[0]?.value,
    { type: "empty" },
  ],
  [
    createAttribute({ intValue: 1, boolValue: true }),
    `${at}.attributes[0].value`,
    null,
    (span) => span.attributes[0]?.value,
    { type: "bool", value: true },
  ],
  [
    {
      resourceSpans: [
        { resource: { attributes: 1 }, scopeSpans: [{ spans: [{ traceId, spanId }] }] },
      ],
    },
    "resourceSpans[0].resource.attributes",
    "owner_unreadable",
    (span) => span.resource.attributes,
    [],
  ],
];

for (const [document, path, outcome, read, expected] of mended) {
  test(`mended: ${path} (${outcome ?? "of no account"})`, () => {
    const { spans, faults, outcomes } = readOtlpJson(document);
    assert.deepEqual(
      [faults.map((fault) => fault.path), outcomes],
      [[path], outcome === null ? [] : [outcome]],
    );
    assert.deepEqual(spans.map(read), [expected]);
    assert.ok(!JSON.stringify(faults).includes(secret));
  });
}

test("numbers may be written with an exponent, enumerations by digits; nothing else is a number", () => {
  const { spans, faults } = readOtlpJson(
    createDocument({
      startTimeUnixNano: "1.5e18",
      endTimeUnixNano: 1.5e18,
      kind: "2",
      links: [{}],
    }),
  );
  assert.deepEqual(faults, []);
  assert.deepEqual(
    spans.map((span) => [
      span.startTimeUnixNano,
      span.endTimeUnixNano,
      span.kind,
      span.links[0]?.traceId,
    ]),
    [[15n * 10n ** 17n, 15n * 10n ** 17n, "server", ""]],
  );
  for (const intValue of ["9".repeat(500), "1e9999", "0x10", "", " 1", 0.5, Number.NaN, "1_000"]) {
    assert.equal(readOtlpJson(createAttribute({ intValue })).spans.length, 0, String(intValue));
  }
});

test("spans without a fault are read beside others, and what became of those is told", () => {
  const { spans, faults, outcomes } = readOtlpJson({
    future: 1,
    resourceSpans: [
      { scopeSpans: [{ spans: [{ traceId, spanId: "x" }, { traceId, spanId }, 1] }] },
      { scopeSpans: [{ spans: [{ traceId: "x", spanId, kind: true }] }, 2, { spans: {} }] },
      null,
    ],
  });
  assert.deepEqual(
    spans.map((span) => span.spanId),
    [spanId],
  );
  assert.deepEqual(outcomes, [
    "span_id_invalid",
    "span_unreadable",
    "span_unreadable",
    "group_unreadable",
    "group_unreadable",
    "group_unreadable",
  ]);
  assert.equal(faults.length, 7);
});

test("values in values are read to a depth, and cut below it", () => {
  const nested = (levels: number): unknown =>
    levels === 0 ? { boolValue: true } : { arrayValue: { values: [nested(levels - 1)] } };
  assert.deepEqual(readOtlpJson(createAttribute(nested(50))).faults, []);
  for (const levels of [51, 60, 5000]) {
    const { spans, outcomes } = readOtlpJson(createAttribute(nested(levels)));
    assert.deepEqual([spans.length, outcomes], [1, ["nesting_cut"]]);
  }
});

test("however many faults there are, a thousand are told", () => {
  const { faults, outcomes } = readOtlpJson({
    resourceSpans: [{ scopeSpans: [{ spans: new Array(5000).fill(1) }] }],
  });
  assert.deepEqual([faults.length, outcomes.length], [1000, 5000]);
});
