import {
  emptyResource,
  emptyScope,
  exceptionEvent,
  findString,
  type KeyValue,
  type Span,
  type SpanEvent,
  type SpanLink,
  type Value,
} from "#contract";
import { miniserve } from "#miniserve";

/** A place of a span in which something that the contract does not allow can stand. */
export interface Planting {
  readonly place: string;
  readonly plant: (span: Span, secret: string) => Span;
}

const text = (value: string): Value => ({ type: "string", value });
const sentence = (secret: string) => text(`the client said ${secret}`);
const list = (secret: string): Value => ({ type: "array", value: [text(secret)] });
const map = (secret: string): Value => ({
  type: "map",
  value: [{ key: secret, value: text(secret) }],
});

function withAttribute(key: string, planted: (secret: string) => Value): Planting["plant"] {
  return (span, secret) => ({
    ...span,
    attributes: [
      ...span.attributes.filter((attribute) => attribute.key !== key),
      { key, value: planted(secret) },
    ],
  });
}

function withResource(key: string, planted: (secret: string) => Value): Planting["plant"] {
  return (span, secret) => ({
    ...span,
    resource: {
      ...span.resource,
      attributes: [
        ...span.resource.attributes.filter((attribute) => attribute.key !== key),
        { key, value: planted(secret) },
      ],
    },
  });
}

function withEvent(change: (secret: string) => Partial<SpanEvent>): Planting["plant"] {
  return (span, secret) => ({
    ...span,
    events: [
      {
        timeUnixNano: span.startTimeUnixNano,
        name: exceptionEvent.name,
        attributes: [],
        droppedAttributesCount: 0,
        ...change(secret),
      },
    ],
  });
}

function withLink(change: (secret: string) => Partial<SpanLink>): Planting["plant"] {
  return (span, secret) => ({
    ...span,
    links: [
      {
        traceId: span.traceId,
        spanId: span.spanId,
        traceState: "",
        flags: 0,
        attributes: [],
        droppedAttributesCount: 0,
        ...change(secret),
      },
    ],
  });
}

const { attributes, resource } = miniserve;

/** Plantings in every attribute that the contract has: another type, and a list or map in its place. */
const inAttributes = Object.values(miniserve.attributes).flatMap(({ key }) =>
  Object.entries({ sentence, list, map }).map(([form, planted]) => ({
    place: `a ${form} as ${key}`,
    plant: withAttribute(key, planted),
  })),
);

const inResource = Object.values(resource.attributes).flatMap(({ key }) =>
  Object.entries({ sentence, list, map }).map(([form, planted]) => ({
    place: `a ${form} as ${key}`,
    plant: withResource(key, planted),
  })),
);

const inException = [exceptionEvent.type, exceptionEvent.message, exceptionEvent.stack].map(
  ({ key }) => ({
    place: `a sentence as ${key}`,
    plant: withEvent((secret) => ({ attributes: [{ key, value: sentence(secret) }] })),
  }),
);

const stackAttribute = (stack: string): KeyValue[] => [
  { key: exceptionEvent.stack.key, value: text(stack) },
];

/** Every place that a span has for text, and each that is known to get past an allow-list of keys. */
export const plantings: readonly Planting[] = [
  ...inAttributes,
  ...inResource,
  ...inException,
  { place: "the span's name", plant: (span, secret) => ({ ...span, name: secret }) },
  {
    place: "the span's name, after one of the contract",
    plant: (span, secret) => ({ ...span, name: `${span.name} ${secret}` }),
  },
  { place: "an unknown attribute", plant: withAttribute("llm.prompt", text) },
  {
    place: "the name of an attribute",
    plant: (span, secret) => withAttribute(secret, text)(span, secret),
  },
  {
    place: "an attribute of another span",
    plant: withAttribute(attributes.tokenizerName.key, text),
  },
  {
    place: "a known attribute that stands twice",
    plant: (span, secret) => ({
      ...span,
      attributes: [...span.attributes, { key: attributes.model.key, value: sentence(secret) }],
    }),
  },
  {
    place: "the query of a route",
    plant: withAttribute(attributes.route.key, (secret) => text(`/v1/completions?q=${secret}`)),
  },
  {
    place: "a line after a value",
    plant: withAttribute(attributes.model.key, (secret) => text(`tiny\n${secret}`)),
  },
  {
    place: "the status message",
    plant: (span, secret) => ({
      ...span,
      status: { code: "error", message: `It said ${secret}` },
    }),
  },
  { place: "the trace state", plant: (span, secret) => ({ ...span, traceState: `a=${secret}` }) },
  { place: "the name of an event", plant: withEvent((secret) => ({ name: secret })) },
  {
    place: "an unknown attribute of an event",
    plant: withEvent((secret) => ({ attributes: [{ key: "body", value: text(secret) }] })),
  },
  {
    place: "a message in the stack of an exception",
    plant: withEvent((secret) => ({
      attributes: stackAttribute(`Error: it said ${secret}\n    at decode (a.ts:1:2)`),
    })),
  },
  {
    place: "a frame that is none",
    plant: withEvent((secret) => ({ attributes: stackAttribute(`    at it said ${secret}`) })),
  },
  {
    place: "an attribute of a link",
    plant: withLink((secret) => ({ attributes: [{ key: "body", value: text(secret) }] })),
  },
  {
    place: "the trace state of a link",
    plant: withLink((secret) => ({ traceState: `a=${secret}` })),
  },
  {
    place: "an unknown attribute of the resource",
    plant: withResource("host.name", text),
  },
  ...inScope(),
  {
    place: "the schema of the resource",
    plant: (span, secret) => ({
      ...span,
      resource: { ...span.resource, schemaUrl: `https://example.com/${secret}` },
    }),
  },
];

function inScope(): Planting[] {
  const changes = {
    name: (secret: string) => ({ name: secret }),
    version: (secret: string) => ({ version: secret }),
    schema: (secret: string) => ({ schemaUrl: `https://example.com/${secret}` }),
    attribute: (secret: string) => ({ attributes: [{ key: "body", value: text(secret) }] }),
  };
  return Object.entries(changes).map(([part, change]) => ({
    place: `the ${part} of the scope`,
    plant: (span, secret) => ({ ...span, scope: { ...span.scope, ...change(secret) } }),
  }));
}

/** A span of the contract to plant in. */
export function plainSpan(traceId: string, nowNs: bigint): Span {
  return {
    traceId,
    spanId: traceId.slice(0, 16),
    parentSpanId: null,
    traceState: "",
    flags: 1,
    name: miniserve.spans.handler.name,
    kind: "server",
    startTimeUnixNano: nowNs - 5_000_000n,
    endTimeUnixNano: nowNs,
    attributes: [
      { key: attributes.method.key, value: text("POST") },
      { key: attributes.route.key, value: text("/v1/completions") },
      { key: attributes.model.key, value: text("tiny") },
    ],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: "unset", message: "" },
    resource: {
      ...emptyResource,
      attributes: [{ key: resource.attributes.serviceName?.key ?? "", value: text("miniserve") }],
    },
    scope: { ...emptyScope, name: miniserve.tracerName },
  };
}

/** The model that a span says, which every plain span has and nothing planted may take away. */
export function readModel(span: Span): string | undefined {
  return findString(span.attributes, attributes.model.key);
}
