/** For tests: traces that a contract has nothing to say against. */
import fc from "fast-check";
import { type Contract, emptyScope, type Resource, type Span, type SpanEvent } from "#contract";
import { drawValue, toKeyValue } from "./attribute-values.ts";
import { type Draw, pick, shuffled } from "./draw.ts";
import { anySpan } from "./otlp-spans.ts";
import { planRequest } from "./planned-request.ts";
import type { PlannedSpan } from "./planned-span.ts";

export interface TraceOptions {
  /** Names of outcomes that the requests have; any, if left out. */
  readonly outcomes?: readonly string[];
}

/**
 * The spans of one trace, in any order: one to three requests, whose parents may be remote, spans of
 * other services or spans of earlier requests; and spans of other services anywhere among them.
 */
export function drawTrace(draw: Draw, contract: Contract, options: TraceOptions = {}): Span[] {
  const traceId = draw(fc.bigInt, { min: 1n, max: 2n ** 128n - 1n })
    .toString(16)
    .padStart(32, "0");
  const spans: Span[] = [];
  const requestAt = draw(fc.nat, { max: 2 });
  for (let index = 0; index <= requestAt || draw(fc.boolean); index++) {
    const parentSpanId = drawParent(draw, spans);
    if (index === requestAt || draw(fc.boolean)) {
      const planned = planRequest(draw, contract, options.outcomes);
      spans.push(...layOut(draw, contract, planned, { traceId, parentSpanId }, spans.length));
    } else {
      spans.push(drawForeignSpan(draw, contract, traceId, parentSpanId, spans.length));
    }
  }
  return shuffled(draw, spans);
}

/** The id of no span, of a remote one, or of one that is there. */
function drawParent(draw: Draw, spans: readonly Span[]): string | null {
  const remote = "f".repeat(16);
  return pick(draw, [null, remote, ...spans.map(({ spanId }) => spanId)]);
}

function formatId(index: number): string {
  return (index + 1).toString(16).padStart(16, "0");
}

const anySpanArbitrary = () => anySpan;

/** Any span of another service, also under the names of the contract's spans. */
function drawForeignSpan(
  draw: Draw,
  contract: Contract,
  traceId: string,
  parentSpanId: string | null,
  index: number,
): Span {
  const span = draw(anySpanArbitrary);
  const names = Object.values(contract.spans).map(({ name }) => name);
  const key = contract.resource.attributes[contract.resource.serviceName]?.key ?? "";
  const service = { key, value: { type: "string", value: pick(draw, ["shop", ""]) } } as const;
  return {
    ...span,
    traceId,
    parentSpanId,
    spanId: formatId(index),
    name: pick(draw, [span.name, ...names]),
    resource: { ...span.resource, attributes: draw(fc.boolean) ? [service] : [] },
  };
}

interface Place {
  readonly traceId: string;
  readonly parentSpanId: string | null;
}

/** Gives a planned request its times and ids. */
function layOut(
  draw: Draw,
  contract: Contract,
  request: PlannedSpan,
  place: Place,
  firstIndex: number,
): Span[] {
  const spans: Span[] = [];
  const resource = drawResource(draw, contract);
  const scope = { ...emptyScope, name: contract.tracerName };

  /** Places a span and all below it, and returns when it ends. */
  const put = (planned: PlannedSpan, parentSpanId: string | null, start: bigint): bigint => {
    const index = spans.length;
    const spanId = formatId(firstIndex + index);
    const span = { ...toSpan(draw, planned), traceId: place.traceId, spanId, parentSpanId };
    const startTimeUnixNano = start;
    // Keeps the place: the parent's end is known when all below it have theirs.
    spans.push({ ...span, startTimeUnixNano, endTimeUnixNano: start, resource, scope });
    let end = start;
    for (const stage of planned.stages) {
      end = put(stage, spanId, end + drawGap(draw));
    }
    for (const sample of planned.samples) {
      const sampleEnd = put(sample, spanId, start + drawGap(draw));
      if (sampleEnd > end) {
        end = sampleEnd;
      }
    }
    end += drawGap(draw);
    spans[index] = { ...span, startTimeUnixNano, endTimeUnixNano: end, resource, scope };
    return end;
  };
  put(request, place.parentSpanId, 1_700_000_000_000_000_000n + drawGap(draw));
  return spans;
}

/** Nanoseconds. None at all is common: clocks are coarse. */
function drawGap(draw: Draw): bigint {
  return BigInt(pick(draw, [0, 1, draw(fc.nat, { max: 1_000_000_000 })]));
}

function drawResource(draw: Draw, contract: Contract): Resource {
  const { attributes, serviceName, defaults } = contract.resource;
  return {
    attributes: Object.entries(attributes).map(([identifier, attribute]) => {
      const value = identifier === serviceName ? defaults[identifier] : drawValue(draw, attribute);
      return toKeyValue(draw, attribute, value);
    }),
    droppedAttributesCount: 0,
    schemaUrl: "",
  };
}

type Unplaced = Omit<
  Span,
  | "traceId"
  | "spanId"
  | "parentSpanId"
  | "startTimeUnixNano"
  | "endTimeUnixNano"
  | "resource"
  | "scope"
>;

function toSpan(draw: Draw, { definition, values, status, threw }: PlannedSpan): Unplaced {
  const attributes = [...values].flatMap(([identifier, value]) => {
    const attribute = definition.attributes[identifier];
    return attribute === undefined ? [] : [toKeyValue(draw, attribute, value)];
  });
  return {
    name: definition.name,
    kind: definition.kind,
    attributes: shuffled(draw, attributes),
    droppedAttributesCount: 0,
    events: threw ? [drawException(draw)] : [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: status, message: status === "error" ? pick(draw, ["", "engine_failed"]) : "" },
    traceState: "",
    flags: pick(draw, [0, 1, 0x101]),
  };
}

function drawException(draw: Draw): SpanEvent {
  const texts = [
    ["exception.type", "EngineError"],
    ["exception.message", "engine_failed"],
    ["exception.stacktrace", pick(draw, stacks)],
  ] as const;
  return {
    timeUnixNano: 1_700_000_000_000_000_000n,
    name: "exception",
    attributes: texts
      .slice(0, 1 + draw(fc.nat, { max: 2 }))
      .map(([key, value]) => ({ key, value: { type: "string", value } })),
    droppedAttributesCount: 0,
  };
}

const stacks = [
  "decode (server/pipeline/decode.ts:41:9)\nserver/main.ts:7:1",
  "EngineError: engine_failed\n    at decode (server/pipeline/decode.ts:41:9)\n    at <anonymous>",
];
