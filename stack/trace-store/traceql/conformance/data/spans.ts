import { emptyResource, type KeyValue, type Resource, type Span, type Value } from "#contract";

/** When the data set begins; it lasts four minutes. A run beside Tempo moves it to the present. */
export const startNs = 1_767_225_360_000_000_000n;

export const milliseconds = (count: number): bigint => BigInt(Math.round(count * 1e6));

export const string = (value: string): Value => ({ type: "string", value });
export const int = (value: bigint | number): Value => ({ type: "int", value: BigInt(value) });
export const double = (value: number): Value => ({ type: "double", value });
export const bool = (value: boolean): Value => ({ type: "bool", value });
export const array = (...value: Value[]): Value => ({ type: "array", value });

export const attributes = (values: Readonly<Record<string, Value>>): KeyValue[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

/** A resource of a service whose name begins with that of the data set, which a run may replace. */
export function createResource(suffix: string, values: Readonly<Record<string, Value>>): Resource {
  const service = { "service.name": string(`conformance${suffix}`) };
  return { ...emptyResource, attributes: attributes({ ...service, ...values }) };
}

const scope = {
  name: "lib",
  version: "1.2",
  attributes: attributes({ sa: string("v") }),
  droppedAttributesCount: 0,
  schemaUrl: "",
};

/** A span with nothing special about it, but for what is given. */
export function span(
  given: Pick<Span, "traceId" | "spanId" | "parentSpanId" | "name" | "resource"> & Partial<Span>,
): Span {
  return {
    traceState: "",
    flags: 0,
    kind: "internal",
    startTimeUnixNano: startNs,
    endTimeUnixNano: startNs + milliseconds(10),
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: "unset", message: "" },
    scope,
    ...given,
  };
}
