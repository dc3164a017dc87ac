/** For tests: requests written out by hand, with the names that stand on the wire. */
import { emptyScope, type KeyValue, type Span, type StatusCode, type Value } from "#contract";

export interface WrittenSpan {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly status?: StatusCode;
  /** The type of the exception that was thrown here. */
  readonly exception?: string;
  readonly children?: readonly WrittenSpan[];
}

/** The spans of a request to miniserve, each child a microsecond after what came before. */
export function spansOf(request: WrittenSpan, traceId = "a".repeat(32)): Span[] {
  const spans: Span[] = [];
  let now = 1_700_000_000_000_000_000n;
  const tick = () => {
    now += 1000n;
    return now;
  };
  const write = (written: WrittenSpan, parentSpanId: string | null): void => {
    const index = spans.length;
    const spanId = (index + 1).toString(16).padStart(16, "0");
    const startTimeUnixNano = tick();
    spans.push({ ...toSpan(written), traceId, spanId, parentSpanId, startTimeUnixNano });
    for (const child of written.children ?? []) {
      write(child, spanId);
    }
    spans[index] = { ...(spans[index] as Span), endTimeUnixNano: tick() };
  };
  write(request, null);
  return spans;
}

function toSpan({ name, attributes = {}, status = "unset", exception }: WrittenSpan): Span {
  return {
    traceId: "",
    spanId: "",
    parentSpanId: null,
    traceState: "",
    flags: 0x101,
    name,
    kind: name === "http.handler" ? "server" : "internal",
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: toKeyValues(attributes),
    droppedAttributesCount: 0,
    events:
      exception === undefined
        ? []
        : [
            {
              timeUnixNano: 0n,
              name: "exception",
              attributes: toKeyValues({ "exception.type": exception }),
              droppedAttributesCount: 0,
            },
          ],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: status, message: "" },
    resource,
    scope: { ...emptyScope, name: "lynx-cortex.miniserve" },
  };
}

const resource = {
  attributes: toKeyValues({
    "service.name": "miniserve",
    "service.version": "9f2c1e0",
    "deployment.environment": "dev",
  }),
  droppedAttributesCount: 0,
  schemaUrl: "",
};

function toKeyValues(attributes: Readonly<Record<string, string | number | boolean>>): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toValue(value) }));
}

/** A whole number becomes an integer, as in the exporter of OpenTelemetry JS. */
function toValue(value: string | number | boolean): Value {
  switch (typeof value) {
    case "string":
      return { type: "string", value };
    case "boolean":
      return { type: "bool", value };
    default:
      return Number.isInteger(value)
        ? { type: "int", value: BigInt(value) }
        : { type: "double", value };
  }
}
