import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { miniserve, type Value, writeResourceSpans } from "#contract";
import { arbitrarySpan } from "../testing/arbitrary-span.ts";
import { assertSameSpans } from "../testing/assert-same-spans.ts";
import { encodeProtobuf, encodeRequest } from "../testing/encode-protobuf.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";

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

test("values may lie 50 deep in each other and no deeper, in both encodings", () => {
  const nested = (depth: number): Value =>
    depth === 0 ? { type: "empty" } : { type: "array", value: [nested(depth - 1)] };
  const [template] = fc.sample(arbitrarySpan(miniserve), { numRuns: 1, seed });
  assert.ok(template);
  const spanOf = (depth: number) => [
    { ...template, attributes: [{ key: "deep", value: nested(depth) }] },
  ];
  const json = (depth: number) =>
    Buffer.from(JSON.stringify({ resourceSpans: writeResourceSpans(spanOf(depth), "otlp") }));
  assert.deepEqual(decodeJson(json(50)), spanOf(50));
  assert.throws(() => decodeJson(json(100)), /nests values more than 50 deep/);
  assert.throws(() => decodeJson(Buffer.from("[".repeat(1e6))), /nests values more than 50 deep/);
  assert.deepEqual(decodeJson(Buffer.from('{"resourceSpans":[],"a":"[[[\\\\\\"[["}')), []);
});

test("JSON that is no export is refused with its places, and its content is not repeated", () => {
  const secret = "a secret sentence";
  const refused = (document: string, ...expected: RegExp[]) => {
    assert.throws(
      () => decodeJson(Buffer.from(document)),
      (error: Error) => {
        assert.ok(
          expected.every((part) => part.test(error.message)),
          error.message,
        );
        return !error.message.includes(secret);
      },
    );
  };
  refused(`{"${secret}`, /not JSON/);
  refused("[]", /the document must be an object/);
  refused(`{"${secret}": 1}`, /resourceSpans must be/);
  refused(
    JSON.stringify({
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: secret, kind: secret }] }] }],
    }),
    /spans\[0\]\.traceId must be 16 bytes/,
    /spans\[0\]\.kind must be/,
  );
  assert.throws(() => decodeJson(Buffer.from([0x22, 0xff, 0x22])), /not UTF-8/);
  assert.deepEqual(decodeJson(Buffer.from("{}")), []);
});

/** Writing groups spans by resource and scope, so they come back in another order. */
function sorted<Sent extends { spanId: string; traceId: string }>(spans: readonly Sent[]): Sent[] {
  return [...spans].sort((one, other) =>
    `${one.traceId}${one.spanId}` < `${other.traceId}${other.spanId}` ? -1 : 1,
  );
}
