import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Value, writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { arbitrarySpan } from "../testing/arbitrary-span.ts";
import { assertSameSpans } from "../testing/assert-same-spans.ts";
import { encodeProtobuf, encodeRequest } from "../testing/encode-protobuf.ts";
import { delimited, nestedAttribute } from "../testing/wire-bytes.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import { decodeJson } from "./http.ts";
import { Reading } from "./outcomes.ts";

const seed = 20_251_101;
const spans = fc.array(arbitrarySpan(miniserve), { maxLength: 4 });

test(`protobuf: what protobufjs writes is read back to the last bit (seed ${seed})`, () => {
  fc.assert(
    fc.property(spans, (sent) => {
      assertSameSpans(sorted(decodeProtobuf(encodeProtobuf(sent))), sorted(sent));
    }),
    { seed, numRuns: 300 },
  );
});

test(`JSON: the same (seed ${seed})`, () => {
  fc.assert(
    fc.property(spans, (sent) => {
      const document = JSON.stringify({ resourceSpans: writeResourceSpans(sent, "otlp") });
      assertSameSpans(sorted(decodeJson(Buffer.from(document))), sorted(sent));
    }),
    { seed, numRuns: 300 },
  );
});

test(`bytes cut off or changed are refused or read, and nothing else happens (seed ${seed})`, () => {
  fc.assert(
    fc.property(spans, fc.nat(), fc.nat(255), (sent, position, byte) => {
      const body = encodeProtobuf(sent);
      const at = position % (body.length + 1);
      const changed = Buffer.from(body);
      changed[at] = byte;
      for (const broken of [body.subarray(0, at), changed]) {
        try {
          decodeProtobuf(broken);
        } catch (error) {
          assert.ok(error instanceof Error && !/undefined|null/.test(error.message));
        }
      }
    }),
    { seed, numRuns: 300 },
  );
});

test("the resource may follow its spans on the wire", () => {
  const spansFirst = encodeRequest({
    resourceSpans: [{ scopeSpans: [{ spans: [{ name: "a" }] }] }],
  });
  const resource = encodeRequest({
    resourceSpans: [{ resource: { attributes: [{ key: "k", value: { boolValue: true } }] } }],
  });
  // The contents of the two ResourceSpans, one behind the other: both start with a tag and a length.
  const content = Buffer.concat([spansFirst.subarray(2), resource.subarray(2)]);
  const [span] = decodeProtobuf(Buffer.concat([Buffer.from([0x0a, content.length]), content]));
  assert.deepEqual(span?.resource.attributes, [{ key: "k", value: { type: "bool", value: true } }]);
});

test("an all-zero parent is none, a kind from the future is unspecified, unknown fields are passed over", () => {
  const known = encodeRequest({
    resourceSpans: [
      {
        scopeSpans: [{ spans: [{ parentSpanId: Buffer.alloc(8), kind: 99, status: { code: 7 } }] }],
      },
    ],
  });
  const unknownField = Buffer.from([15 * 8 + 2, 0]);
  const [span] = decodeProtobuf(Buffer.concat([known, unknownField]));
  assert.equal(span?.parentSpanId, null);
  assert.equal(span?.kind, "unspecified");
  assert.equal(span?.status.code, "unset");
});

test("values may lie 50 deep in each other, in both encodings; what lies deeper is left out", () => {
  const nested = (depth: number): Value =>
    depth === 0
      ? { type: "bool", value: true }
      : { type: "map", value: [{ key: "k", value: nested(depth - 1) }] };
  const cut = (depth: number): Value =>
    depth === 0 ? { type: "empty" } : { type: "map", value: [{ key: "k", value: cut(depth - 1) }] };
  const [template] = fc.sample(arbitrarySpan(miniserve), { numRuns: 1, seed });
  assert.ok(template);
  const createSpan = (value: Value) => [{ ...template, attributes: [{ key: "deep", value }] }];
  const json = (value: Value) =>
    Buffer.from(JSON.stringify({ resourceSpans: writeResourceSpans(createSpan(value), "otlp") }));
  for (const [depth, expected, outcomes] of [
    [50, nested(50), []],
    [51, cut(51), ["nesting_cut"]],
    [60, cut(51), ["nesting_cut"]],
    [1000, cut(51), ["nesting_cut"]],
  ] as const) {
    const [fromJson, fromProtobuf] = [new Reading(), new Reading()];
    assert.deepEqual(decodeJson(json(nested(depth)), fromJson), createSpan(expected));
    const ids = [delimited(1, Buffer.alloc(16, 1)), delimited(2, Buffer.alloc(8, 1))];
    const [span] = decodeProtobuf(
      delimited(1, delimited(2, delimited(2, ...ids, nestedAttribute(depth)))),
      fromProtobuf,
    );
    assert.deepEqual(span?.attributes, [{ key: "deep", value: expected }]);
    assert.deepEqual([fromJson.outcomes, fromProtobuf.outcomes], [outcomes, outcomes]);
  }
});

test("brackets may lie as deep as they like in what is passed over", () => {
  const deep = `${"[".repeat(4e5)}${"]".repeat(4e5)}`;
  assert.deepEqual(decodeJson(Buffer.from(`{"resourceSpans":[],"future":${deep}}`)), []);
  const value = `{"arrayValue":{"values":${deep}}}`;
  const span = `{"traceId":"${"1".repeat(32)}","spanId":"${"1".repeat(16)}","attributes":[{"value":${value}}]}`;
  assert.equal(
    decodeJson(Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`)).length,
    0,
  );
});

test("a span counts as much in JSON as in protobuf, however short it is", () => {
  const encodeExport = (key: string, count: number, span: string) =>
    Buffer.from(`{"resourceSpans":[{"${key}":[{"spans":[${Array(count).fill(span)}]}]}]}`);
  for (const span of ["{}", "5", "null", "[]"]) {
    for (const key of ["scopeSpans", "instrumentationLibrarySpans"]) {
      assert.doesNotThrow(() => decodeJson(encodeExport(key, 50_000, span)));
      assert.throws(() => decodeJson(encodeExport(key, 100_001, span)), { code: "too_large" });
    }
  }
  const manyInProtobuf = delimited(1, delimited(2, ...Array(100_001).fill(delimited(2))));
  assert.throws(() => decodeProtobuf(manyInProtobuf), { code: "too_large" });
});

test("JSON that is no export is refused, and its content is not repeated", () => {
  const secret = "a secret sentence";
  const refused = (document: string | Buffer, expected: RegExp) => {
    assert.throws(
      () => decodeJson(Buffer.from(document)),
      (error: Error) => expected.test(error.message) && !error.message.includes(secret),
    );
  };
  refused(`{"${secret}`, /not JSON/);
  refused("[]", /the document must be an object/);
  refused(`"${secret}"`, /the document must be an object/);
  refused(`{"resourceSpans": "${secret}"}`, /resourceSpans must be an array/);
  refused(Buffer.from([0xff, 0x22, 0x22]), /not JSON/);
  assert.deepEqual(decodeJson(Buffer.from(`{"${secret}": 1}`)), []);
  assert.deepEqual(decodeJson(Buffer.from('{"resourceSpans": null}')), []);
});

test("the places of faults are told, the first few, and what stood there is not", () => {
  const secret = "a secret sentence";
  const spans = Array.from({ length: 9 }, () => ({ traceId: secret, name: { [secret]: secret } }));
  const reading = new Reading();
  decodeJson(
    Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })),
    reading,
  );
  assert.equal(reading.places.length, 5);
  assert.match(reading.places.join(" "), /scopeSpans\[0\]\.spans\[0\]\.traceId must be 16 bytes/);
  assert.ok(!JSON.stringify(reading).includes(secret));
  assert.deepEqual(new Set(reading.outcomes), new Set(["span_unreadable"]));
});

/** Writing groups spans by resource and scope, so they come back in another order. */
function sorted<Sent extends { spanId: string; traceId: string }>(spans: readonly Sent[]): Sent[] {
  return [...spans].sort((one, other) =>
    `${one.traceId}${one.spanId}` < `${other.traceId}${other.spanId}` ? -1 : 1,
  );
}
