/** For tests: any span that OTLP can carry, of any service. */
import fc from "fast-check";
import {
  type KeyValue,
  type Resource,
  type Scope,
  type Span,
  spanKinds,
  statusCodes,
  type Value,
} from "#contract";

function record<Model extends object>(model: { [Key in keyof Model]: fc.Arbitrary<Model[Key]> }) {
  return fc.record(model, { noNullPrototype: true });
}

/** Any character. fast-check's own unit for that takes seconds to set up. */
const character = fc.oneof(
  fc.constantFrom("a", "Z", "0", "_", "\n", "\0", '"', "\\", "é", "漢", "🦙", "\ufeff"),
  fc
    .integer({ min: 0, max: 0x10ffff - 0x800 })
    .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800)),
);

/** A short text of any characters. */
export const text: fc.Arbitrary<string> = fc.string({ unit: character, maxLength: 12 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const { value } = fc.letrec<{ value: Value; scalar: Value }>((tie) => ({
  scalar: fc.oneof(
    record({ type: fc.constant("string" as const), value: text }),
    record({ type: fc.constant("bool" as const), value: fc.boolean() }),
    record({
      type: fc.constant("int" as const),
      value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
    record({ type: fc.constant("double" as const), value: fc.double() }),
    record({ type: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 8 }) }),
    fc.constant({ type: "empty" as const }),
  ),
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: "value" },
    { arbitrary: tie("scalar"), weight: 4 },
    {
      arbitrary: record({
        type: fc.constant("array" as const),
        value: fc.array(tie("value"), { maxLength: 3, depthIdentifier: "value" }),
      }),
      weight: 1,
    },
    {
      arbitrary: record({
        type: fc.constant("map" as const),
        value: fc.array(record({ key: text, value: tie("value") }), { maxLength: 3 }),
      }),
      weight: 1,
    },
  ),
}));

const keyValue: fc.Arbitrary<KeyValue> = record({ key: text, value });

const attributed = {
  attributes: fc.array(keyValue, { maxLength: 4 }),
  droppedAttributesCount: uint32,
};

const resource: fc.Arbitrary<Resource> = record({ ...attributed, schemaUrl: text });

const scope: fc.Arbitrary<Scope> = record({
  ...attributed,
  name: text,
  version: text,
  schemaUrl: text,
});

/** An id that is not all zeros, of so many bytes. */
function id(bytes: number): fc.Arbitrary<string> {
  return fc
    .bigInt({ min: 1n, max: 256n ** BigInt(bytes) - 1n })
    .map((number) => number.toString(16).padStart(bytes * 2, "0"));
}

const link = record({
  ...attributed,
  traceId: id(16),
  spanId: id(8),
  traceState: text,
  flags: uint32,
});

/** Any span that OTLP can carry. */
export const anySpan: fc.Arbitrary<Span> = record({
  ...attributed,
  traceId: id(16),
  spanId: id(8),
  parentSpanId: fc.option(id(8)),
  traceState: text,
  flags: uint32,
  name: text,
  kind: fc.constantFrom(...spanKinds),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  events: fc.array(record({ ...attributed, timeUnixNano: time, name: text }), { maxLength: 2 }),
  droppedEventsCount: uint32,
  links: fc.array(link, { maxLength: 2 }),
  droppedLinksCount: uint32,
  status: record({ code: fc.constantFrom(...statusCodes), message: text }),
  resource,
  scope,
});

/**
 * Spans as one export brings them: several have the same resource and scope, some as one object and
 * some as equal ones. Their ids count up from 1, so that they can be told apart.
 */
export const anyExport: fc.Arbitrary<Span[]> = record({
  spans: fc.array(anySpan, { maxLength: 6 }),
  resources: fc.array(resource, { minLength: 1, maxLength: 2 }),
  scopes: fc.array(scope, { minLength: 1, maxLength: 2 }),
  copies: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
}).map(({ spans, resources, scopes, copies }) =>
  spans.map((span, index) => {
    const sharedResource = resources[index % resources.length] as Resource;
    const sharedScope = scopes[(index >> 1) % scopes.length] as Scope;
    return {
      ...span,
      spanId: (index + 1).toString(16).padStart(16, "0"),
      resource: copies[index] ? structuredClone(sharedResource) : sharedResource,
      scope: copies[index] ? structuredClone(sharedScope) : sharedScope,
    };
  }),
);
