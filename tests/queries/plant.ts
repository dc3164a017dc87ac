/** For tests: requests to miniserve that are planted in a store, by identifiers of the contract. */
import {
  type Attribute,
  emptyScope,
  type KeyValue,
  type miniserve,
  type Resource,
  type Span,
  type SpanDefinition,
  type Value,
} from "#contract";

export type SpanName = keyof typeof miniserve.spans;

/** What differs of a span from one of a request that all went well with. */
export interface SpanChange {
  readonly values?: Readonly<Record<string, string | number | boolean>>;
  readonly milliseconds?: number;
  readonly hasFailed?: boolean;
}

export interface PlantedRequest {
  readonly changes?: Readonly<Partial<Record<SpanName, SpanChange>>>;
  /** Spans that it has besides the five of a request without retrieval. */
  readonly additional?: readonly SpanName[];
  /** Spans that it has not; what is below them stays. */
  readonly lost?: readonly SpanName[];
  /** Whether its root has a parent elsewhere, as of a client that is traced too. */
  readonly hasRemoteParent?: boolean;
  /** The service that sends it, if not the one that is asked about. */
  readonly service?: string;
}

const usual: Readonly<Record<SpanName, Required<Omit<SpanChange, "hasFailed">>>> = {
  handler: {
    milliseconds: 200,
    values: {
      method: "POST",
      route: "/v1/chat/completions",
      model: "a-model",
      requestId: `chatcmpl-${"0".repeat(32)}`,
      statusCode: 200,
      outcome: "completed",
      timeToFirstTokenUs: 40_000,
      slotWaitUs: 0,
      streamed: true,
    },
  },
  tokenize: { milliseconds: 1, values: { tokenizerName: "gpt2/smollm", tokensIn: 20 } },
  retrieve: {
    milliseconds: 30,
    values: { indexName: "docs", docsRetrieved: 8, docsReranked: 3 },
  },
  embedQuery: { milliseconds: 9, values: {} },
  vectorSearch: { milliseconds: 1, values: {} },
  rerank: { milliseconds: 10, values: {} },
  prefill: {
    milliseconds: 30,
    values: { model: "a-model", tokensIn: 20, cacheHits: 5, cacheMisses: 15 },
  },
  decode: {
    milliseconds: 100,
    values: {
      model: "a-model",
      tokensOut: 8,
      decodeSteps: 9,
      meanStepMs: 11.5,
      stopReason: "stop",
    },
  },
  decodeStep: { milliseconds: 5, values: { decodeStepIndex: 0 } },
  format: { milliseconds: 1, values: { outputFormat: "text", tokensOut: 8 } },
};

/** The spans of a request without retrieval, the root first. */
export const withoutRetrieval: readonly SpanName[] = [
  "handler",
  "tokenize",
  "prefill",
  "decode",
  "format",
];

/** The words in which a request is written, and who sends it. */
export interface Planting {
  readonly contract: typeof miniserve;
  readonly service: string;
  readonly startTimeUnixNano: bigint;
}

/** The spans of a request, one stage after the other. */
export function spansOfRequest(
  { contract, service, startTimeUnixNano }: Planting,
  { changes = {}, additional = [], lost = [], hasRemoteParent, ...request }: PlantedRequest,
  traceId = randomHex(16),
): Span[] {
  const names = (Object.keys(contract.spans) as SpanName[]).filter(
    (name) => withoutRetrieval.includes(name) || additional.includes(name),
  );
  const spans: Span[] = [];
  /** Places a span, and all below it one after the other, and returns when it ends. */
  const put = (name: SpanName, parentSpanId: string | null, start: bigint): bigint => {
    const definition: SpanDefinition = contract.spans[name];
    const { values, milliseconds, hasFailed = false } = { ...usual[name], ...changes[name] };
    const spanId = randomHex(8);
    const end = start + BigInt(Math.round(milliseconds * 1e6));
    if (!lost.includes(name)) {
      spans.push({
        ...empty,
        name: definition.name,
        traceId,
        spanId,
        parentSpanId,
        kind: definition.kind,
        startTimeUnixNano: start,
        endTimeUnixNano: end,
        attributes: keyValues(definition.attributes, { ...usual[name].values, ...values }),
        status: { code: hasFailed ? "error" : "unset", message: "" },
        resource: resourceOf(contract, request.service ?? service),
      });
    }
    const children = names.filter((child) => contract.spans[child].parent === name);
    children.reduce((next, child) => put(child, spanId, next), start);
    return end;
  };
  put("handler", hasRemoteParent === true ? randomHex(8) : null, startTimeUnixNano);
  return spans;
}

const empty = {
  traceState: "",
  flags: 1,
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  scope: emptyScope,
} as const;

function resourceOf({ resource }: Planting["contract"], service: string): Resource {
  const values = { serviceName: service, serviceVersion: "9f2c1e0", deploymentEnvironment: "dev" };
  return {
    attributes: keyValues(resource.attributes, values),
    droppedAttributesCount: 0,
    schemaUrl: "",
  };
}

/** As the exporter of OpenTelemetry JS writes them: a whole double is an integer. */
function keyValues(
  attributes: Readonly<Record<string, Attribute>>,
  values: Readonly<Record<string, string | number | boolean>>,
): KeyValue[] {
  return Object.entries(values).map(([identifier, value]) => {
    const attribute = attributes[identifier];
    if (attribute === undefined) {
      throw new RangeError(`There is no attribute ${identifier}.`);
    }
    return { key: attribute.key, value: toValue(value) };
  });
}

function toValue(value: string | number | boolean): Value {
  if (typeof value === "string") {
    return { type: "string", value };
  }
  if (typeof value === "boolean") {
    return { type: "bool", value };
  }
  return Number.isInteger(value)
    ? { type: "int", value: BigInt(value) }
    : { type: "double", value };
}

export function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}
