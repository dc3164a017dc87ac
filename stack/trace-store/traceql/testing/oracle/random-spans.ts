import fc from "fast-check";
import {
  emptyResource,
  emptyScope,
  type KeyValue,
  type Span,
  spanKinds,
  statusCodes,
  type Value,
} from "#contract";
import { attributeKeys, type Scoped } from "./random-attributes.ts";

/** When the first of all spans may begin; a whole minute. */
export const firstStartNs = 1_767_225_600_000_000_000n;
export const secondNs = 1_000_000_000n;

/** Some with zeros in front, one with zeros behind. */
const traceIds = [
  "0af7651916cd43dd8448eb211c80319c",
  "00000000000000000000000000000001",
  "000000000000000000abcdef00000000",
  "ffffffffffffffffffffffffffffffff",
  "10000000000000000000000000000000",
  "0af7651916cd43dd0000000000000000",
];

function formatSpanId(number: number): string {
  return number % 5 === 4 ? `f0000000000000${hex(number)}` : `00000000000000${hex(number)}`;
}

function hex(number: number): string {
  return (number + 1).toString(16).padStart(2, "0");
}

/** How a span names its parent; the number is taken as an index where one is needed. */
const parent = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ of: "nobody", number: 0 } as const) },
  { weight: 9, arbitrary: fc.record({ of: fc.constant("earlier" as const), number: fc.nat(11) }) },
  { weight: 1, arbitrary: fc.record({ of: fc.constant("any" as const), number: fc.nat(11) }) },
  { weight: 1, arbitrary: fc.record({ of: fc.constant("stranger" as const), number: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.constant({ of: "itself", number: 0 } as const) },
);

const names = ["root", "llm.decode", "llm.prefill", "", "ünï", "a\nb", 'q"`\\'];
const services = ["miniserve", "gateway", "", "ünï"];

const startOffset = fc.oneof(
  fc.constantFrom(0n, secondNs, 10n * secondNs, 10n * secondNs + 1n, 60n * secondNs),
  fc.bigInt({ min: 0n, max: 120n * secondNs }),
);
const length = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      ...[0n, 1n, -5n, 1_000_000n, 100_000_000n, secondNs, 1_500_000_000n],
    ),
  },
  // Spans that overlap the borders of ranges, and that end exactly there.
  {
    weight: 8,
    arbitrary: fc.constantFrom(10n, 50n, 60n, 90n).map((seconds) => seconds * secondNs),
  },
  { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 5n * secondNs }) },
  // As far as a column reaches, so that what is added to it has more than 64 bits.
  { weight: 1, arbitrary: fc.constant(2n ** 63n - 1n) },
);

function attributes(scope: Scoped): fc.Arbitrary<KeyValue[]> {
  const one = fc.oneof(
    ...attributeKeys[scope].map(({ key, values }) =>
      values.map((value: Value) => ({ key, value })),
    ),
  );
  return fc.array(one, { maxLength: scope === "span" ? 7 : 3 });
}

const resource = fc
  .record({ service: fc.option(fc.constantFrom(...services)), more: attributes("resource") })
  .map(({ service, more }) => ({
    ...emptyResource,
    attributes: [
      ...(service === null
        ? []
        : [{ key: "service.name", value: { type: "string" as const, value: service } }]),
      ...more,
    ],
  }));

const scope = fc
  .record({
    name: fc.constantFrom("lib", "", "ünï"),
    version: fc.constantFrom("1.2", ""),
    more: attributes("instrumentation"),
  })
  .map(({ name, version, more }) => ({ ...emptyScope, name, version, attributes: more }));

const event = fc.record({
  name: fc.constantFrom("ev1", "ev2", "", "exception"),
  offsetNs: fc.constantFrom(-1n, 0n, 5_000n, secondNs, 2n ** 63n),
  attributes: attributes("event"),
});

const link = fc.record({
  traceId: fc.constantFrom(...traceIds),
  spanId: fc.nat(5).map(formatSpanId),
  attributes: attributes("link"),
});

/** Of most spans none. */
function createItems<Item>(item: fc.Arbitrary<Item>, maxLength: number): fc.Arbitrary<Item[]> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant<Item[]>([]) },
    { weight: 1, arbitrary: fc.array(item, { maxLength }) },
  );
}

const seed = fc.record({
  parent,
  /** 0 nearly always; else the span has the id of another. */
  sameIdAs: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, fc.nat(11)),
  name: fc.constantFrom(...names),
  kind: fc.constantFrom(...spanKinds),
  status: fc.constantFrom(...statusCodes),
  message: fc.constantFrom("", "", "boom"),
  startOffset,
  length,
  attributes: attributes("span"),
  events: createItems(event, 3),
  links: createItems(link, 2),
  resource,
  scope,
});
type Seed = typeof seed extends fc.Arbitrary<infer Shape> ? Shape : never;

/**
 * Spans of a few traces: trees with cycles, missing parents, several roots, spans of one id, and
 * every kind of value in their attributes.
 */
export const randomSpans: fc.Arbitrary<Span[]> = fc
  .array(fc.array(seed, { minLength: 1, maxLength: 12, size: "max" }), {
    minLength: 1,
    maxLength: traceIds.length,
    size: "max",
  })
  .map((traces) =>
    traces.flatMap((seeds, trace) =>
      seeds.map((one, index) => toSpan(one, index, seeds.length, traceIds[trace] ?? "")),
    ),
  );

function toSpan(one: Seed, index: number, count: number, traceId: string): Span {
  const same = one.sameIdAs > 0 ? one.sameIdAs % count : index;
  // Spans of one id are told apart by their starts, so that the order of an answer is one.
  const apart = same === index ? 0n : BigInt(index + 1) * 1_001n;
  const startTimeUnixNano = firstStartNs + one.startOffset + apart;
  return {
    traceId,
    spanId: formatSpanId(same),
    parentSpanId: chooseParent(one.parent, index, count, same),
    traceState: "",
    flags: 0,
    name: one.name,
    kind: one.kind,
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano + one.length,
    attributes: one.attributes,
    droppedAttributesCount: 0,
    events: one.events.map(({ offsetNs, ...rest }) => ({
      ...rest,
      timeUnixNano: startTimeUnixNano + offsetNs,
      droppedAttributesCount: 0,
    })),
    droppedEventsCount: 0,
    links: one.links.map((rest) => ({
      ...rest,
      traceState: "",
      flags: 0,
      droppedAttributesCount: 0,
    })),
    droppedLinksCount: 0,
    status: { code: one.status, message: one.message },
    resource: one.resource,
    scope: one.scope,
  };
}

function chooseParent(
  { of, number }: Seed["parent"],
  index: number,
  count: number,
  own: number,
): string | null {
  switch (of) {
    case "nobody":
      return null;
    case "earlier":
      return index === 0 ? null : formatSpanId(number % index);
    case "any":
      return formatSpanId(number % count);
    case "stranger":
      return formatSpanId(100 + number);
    case "itself":
      return formatSpanId(own);
    default:
      return of satisfies never;
  }
}
