import {
  type Span,
  type SpanEvent,
  type SpanLink,
  type Value,
  writeResourceSpans,
} from "#contract";
import { Random } from "../../../../repeatable-random.ts";
import { cornerTraces } from "./corner-traces.ts";
import {
  array,
  attributes,
  bool,
  createResource,
  double,
  int,
  milliseconds,
  span,
  startNs,
  string,
} from "./spans.ts";
import { valueTraces } from "./value-traces.ts";

interface Scoped {
  readonly spans: readonly unknown[];
}

/** The spans of the conformance table as OTLP JSON, a span a line, so that a change can be read. */
export function dataSetJson(): string {
  const spans: Span[] = [...ordinaryTraces(), ...cornerTraces(), ...valueTraces()];
  const groups = writeResourceSpans(spans, "otlp").map(({ scopeSpans, ...group }) => {
    const scopes = (scopeSpans as unknown as Scoped[]).map(({ spans: ofScope, ...scope }) =>
      member(scope, "spans", `[\n${ofScope.map((one) => JSON.stringify(one)).join(",\n")}\n]`),
    );
    return member(group, "scopeSpans", `[${scopes.join(",\n")}]`);
  });
  return `{"resourceSpans":[\n${groups.join(",\n")}\n]}\n`;
}

/** The object with one member more, whose value is JSON already. */
function member(object: object, key: string, json: string): string {
  const others = Object.entries(object).map(
    ([name, value]) => `"${name}":${JSON.stringify(value)}`,
  );
  return `{${[...others, `"${key}":${json}`].join(",")}}`;
}

const traces = 216;
const here = createResource("", { region: string("us"), rint: int(4) });
const there = createResource("-b", { region: string("eu"), rint: int(4) });

/** Traces of one to nine spans, as any service may send them, with each attribute on some of them. */
function ordinaryTraces(): Span[] {
  const random = new Random(20_261_126);
  return Array.from({ length: traces }, (_, number) => ordinaryTrace(number, random)).flat();
}

function ordinaryTrace(number: number, random: Random): Span[] {
  // No zeros at the beginning of ids, which Tempo's answers lose; corner-traces.ts has those.
  const traceId = `ab${(number + 1).toString(16).padStart(6, "0")}${random.hex(24)}`;
  const ids = Array.from({ length: random.between(1, 9) }, () => `c${random.hex(16).slice(1)}`);
  const begin = startNs + milliseconds(number * 1_000 + random.between(0, 900));
  return ids.map((spanId, index) => {
    const start = begin + milliseconds(index * random.between(1, 40));
    return span({
      traceId,
      spanId,
      parentSpanId: index === 0 ? null : (ids[random.between(0, index - 1)] ?? null),
      name: index === 0 ? "root" : random.oneOf(["child", "leaf", "decode", "prefill"]),
      resource: random.isOneIn(8) ? there : here,
      kind: random.oneOf(["internal", "server", "client", "producer", "consumer"]),
      startTimeUnixNano: start,
      endTimeUnixNano: start + milliseconds(random.around(500, 1.2)),
      status: random.isOneIn(6)
        ? { code: "error", message: "boom" }
        : { code: random.oneOf(["unset", "unset", "ok"]), message: "" },
      attributes: attributes(ordinaryAttributes(random)),
      events: random.isOneIn(3) ? ordinaryEvents(start, random) : [],
      links: random.isOneIn(6) ? [link] : [],
    });
  });
}

/** Each attribute with its values and how rare it is: on one of so many spans. */
const possible: readonly (readonly [key: string, rarity: number, values: readonly Value[]])[] = [
  ["x", 1.4, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(int)],
  ["f", 1.7, [double(0.5), double(1.5), double(3.25), double(60.5), int(2), int(60)]],
  ["s", 1.9, ["a", "ab", "a.b", "b", "ünï", ""].map(string)],
  ["b", 4, [bool(true), bool(false)]],
  ["arr", 4, [array(string("a")), array(string("a"), string("b")), array(int(1), int(2))]],
  ["mix", 3.5, [int(5), double(5.5), string("5"), bool(true)]],
  ["a b", 5, [string("quoted")]],
  ["service.name", 5, [string("span-level")]],
  ["tokens.out", 4, [0, 1, 2].map(int)],
  ["step.mean_ms", 3, [double(12.5), int(40), double(80.25)]],
];

function ordinaryAttributes(random: Random): Record<string, Value> {
  const chosen: Record<string, Value> = {};
  for (const [key, rarity, values] of possible) {
    if (random.isOneIn(rarity)) {
      chosen[key] = random.oneOf(values);
    }
  }
  return chosen;
}

function ordinaryEvents(start: bigint, random: Random): SpanEvent[] {
  const event = (name: string, values: Record<string, Value>): SpanEvent => ({
    timeUnixNano: start + 5_000n,
    name,
    attributes: attributes(values),
    droppedAttributesCount: 0,
  });
  const first = event(random.oneOf(["ev1", "ev2"]), {
    en: string(random.oneOf(["p", "q"])),
    ei: int(3),
  });
  return random.isOneIn(2) ? [first, event("ev3", { en: string("r") })] : [first];
}

const link: SpanLink = {
  traceId: "ad0000000000000000000000000000aa",
  spanId: "ce0000000000004d",
  traceState: "",
  flags: 0,
  attributes: attributes({ ln: string("k") }),
  droppedAttributesCount: 0,
};
