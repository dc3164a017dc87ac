import { emptyResource, emptyScope, type Span } from "#contract";

/** A span with nothing special about it. */
export function sampleSpan(changes: Partial<Span> = {}): Span {
  return {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    parentSpanId: null,
    traceState: "",
    flags: 0x101,
    name: "llm.decode",
    kind: "internal",
    startTimeUnixNano: 1_763_800_000_000_000_000n,
    endTimeUnixNano: 1_763_800_000_250_000_000n,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: "unset", message: "" },
    resource: {
      ...emptyResource,
      attributes: [{ key: "service.name", value: { type: "string", value: "miniserve" } }],
    },
    scope: { ...emptyScope, name: "lynx-cortex.miniserve" },
    ...changes,
  };
}
