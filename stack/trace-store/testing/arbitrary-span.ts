import fc from "fast-check";
import {
  type Contract,
  type KeyValue,
  type Resource,
  type Scope,
  type Span,
  spanKinds,
  statusCodes,
  type Value,
} from "#contract";

/** Spans as any sender may write them, within what OTLP can say: for property tests. */

/** A record with the prototype that objects have, for deep comparisons. */
function plain<Shape>(model: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }) {
  return fc.record<Shape>(model, { noNullPrototype: true });
}

const text = fc.string({ unit: "binary", maxLength: 20 });
const digits = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .filter((array) => array.some((byte) => byte !== 0))
    .map((array) => Buffer.from(array).toString("hex"));
const uint32 = fc.oneof(fc.constant(0), fc.nat(), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const int64 = fc.oneof(
  fc.bigInt({ min: -10n, max: 1_000n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const time = fc.oneof(
  fc.bigInt({ min: 1_700_000_000_000_000_000n, max: 1_800_000_000_000_000_000n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value; attribute: KeyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    plain({ type: fc.constant("string" as const), value: text }),
    plain({ type: fc.constant("bool" as const), value: fc.boolean() }),
    plain({ type: fc.constant("int" as const), value: int64 }),
    plain({ type: fc.constant("double" as const), value: fc.double() }),
    plain({ type: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 9 }) }),
    fc.constant({ type: "empty" as const }),
    plain({ type: fc.constant("array" as const), value: fc.array(tie("value")) }),
    plain({ type: fc.constant("map" as const), value: fc.array(tie("attribute")) }),
  ),
  attribute: plain({ key: text, value: tie("value") }),
})).value;

function attributesWith(contractKeys: readonly string[]): fc.Arbitrary<KeyValue[]> {
  const key = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...contractKeys) },
    { weight: 1, arbitrary: fc.constantFrom("1", "0", "__proto__", "a b", "http.url", "") },
    { weight: 1, arbitrary: text },
  );
  return fc.array(plain({ key, value }), { maxLength: 12 });
}

/** The attributes' keys are often the contract's, with values of any type, and may stand twice. */
export function arbitrarySpan(contract: Contract): fc.Arbitrary<Span> {
  const keys = [
    ...Object.values(contract.attributes).map((attribute) => attribute.key),
    ...Object.values(contract.resource.attributes).map((attribute) => attribute.key),
  ];
  const attributed = { attributes: attributesWith(keys), droppedAttributesCount: uint32 };
  const resource: fc.Arbitrary<Resource> = plain({ ...attributed, schemaUrl: text });
  const scope: fc.Arbitrary<Scope> = plain({
    name: text,
    version: text,
    ...attributed,
    schemaUrl: text,
  });
  return plain({
    traceId: digits(16),
    spanId: digits(8),
    parentSpanId: fc.option(digits(8)),
    traceState: text,
    flags: uint32,
    name: text,
    kind: fc.constantFrom(...spanKinds),
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    ...attributed,
    events: fc.array(plain({ timeUnixNano: time, name: text, ...attributed }), {
      maxLength: 3,
    }),
    droppedEventsCount: uint32,
    links: fc.array(
      plain({
        traceId: digits(16),
        spanId: digits(8),
        traceState: text,
        flags: uint32,
        ...attributed,
      }),
      { maxLength: 3 },
    ),
    droppedLinksCount: uint32,
    status: plain({ code: fc.constantFrom(...statusCodes), message: text }),
    resource,
    scope,
  });
}
