import type { Span, SpanEvent, Value } from "#contract";
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

const valued = createResource("-values", {
  region: string("values"),
  list: array(string("r"), string("s")),
});
const second = 1_000_000_000n;

let number = 0;

/** A trace of one span. */
function lone(
  name: string,
  values: Readonly<Record<string, Value>>,
  given: Partial<Span> = {},
): Span {
  number += 1;
  const start = startNs + milliseconds(number * 1_000);
  return span({
    traceId: `ac${(0x1000 + number).toString(16).padStart(30, "0")}`,
    spanId: (0xd000_0000_0000_0000n + BigInt(number)).toString(16),
    parentSpanId: null,
    name,
    resource: valued,
    startTimeUnixNano: start,
    endTimeUnixNano: start + milliseconds(5),
    attributes: attributes(values),
    ...given,
  });
}

/** Of the next span, none before its start: a real Tempo would then miss others by their times. */
function events(...values: Readonly<Record<string, Value>>[]): Partial<Span> {
  return {
    events: values.map(
      (held, index): SpanEvent => ({
        timeUnixNano: startNs + milliseconds((number + 1) * 1_000 + index),
        name: `event ${index}`,
        attributes: attributes(held),
        droppedAttributesCount: 0,
      }),
    ),
  };
}

/** Values around the borders of comparisons, numbers of both types, lists, texts of many bytes. */
export function valueTraces(): Span[] {
  number = 0;
  return [
    ...borders(),
    ...numbers(),
    ...lists(),
    ...texts(),
    ...members(),
    ...averages(),
    ...flags(),
  ];
}

function flags(): Span[] {
  return [
    lone("false and true", { flags: array(bool(false), bool(true)) }),
    lone("true and false", { flags: array(bool(true), bool(false)) }),
  ];
}

function borders(): Span[] {
  return [-1n, 0n, 1n].map((more) => {
    const size = more + 10n;
    const one = lone(`border ${more}`, {
      "border.int": int(size),
      "border.double": double(Number(size) + 0.5),
      "border.text": string(["a", "b", "c"][Number(more + 1n)] ?? ""),
    });
    return { ...one, endTimeUnixNano: one.startTimeUnixNano + second + more };
  });
}

function numbers(): Span[] {
  return [
    lone("double", { int: int(60), double: double(60.5), both: double(60.5), out: int(2) }),
    lone("int", { int: int(70), double: double(70), both: int(70), out: int(2) }),
    lone("small", { int: int(50), double: double(50), both: int(50), out: int(2) }),
    lone("no number", { both: string("60") }),
  ];
}

function lists(): Span[] {
  return [
    lone("a and b", { array: array(string("a"), string("b")) }),
    lone("b and c", { array: array(string("b"), string("c")) }),
    lone("1 and 2", { array: array(int(1), int(2)) }),
    lone("1.5 and 2.5", { array: array(double(1.5), double(2.5)) }),
    lone("true and false", { array: array(bool(true), bool(false)) }),
    lone("true and true", { array: array(bool(true), bool(true)) }),
    lone("c itself", { array: string("c") }),
  ];
}

function texts(): Span[] {
  return [
    lone("über", { word: string("über") }),
    lone("twice encoded", { word: string("Ã¼ber") }),
    lone("smile", { word: string("\u{1f600}") }),
    lone("backslash", { word: string("C:\\1x") }),
  ];
}

function members(): Span[] {
  return [
    lone("first event", {}, events({ n: int(9) }, { n: int(1) })),
    lone("second event", {}, events({ n: int(1) }, { n: int(9) })),
    lone("listed event", {}, events({ tags: array(string("a"), string("b")) })),
    lone("other list", {}, events({ tags: array(string("b"), string("c")) })),
  ];
}

/** One trace, whose durations have no whole average. */
function averages(): Span[] {
  const traceId = `ac${(0x1fff).toString(16).padStart(30, "0")}`;
  const begin = startNs + milliseconds(150_000);
  const root = lone("thirds", {}, { traceId, startTimeUnixNano: begin });
  const parts = [1n, 2n, 1n].map((seconds, index) => ({
    ...lone(`thirds ${index}`, {}, { traceId, startTimeUnixNano: begin }),
    parentSpanId: index === 0 ? null : root.spanId,
    endTimeUnixNano: begin + seconds * second,
  }));
  return parts.map((one, index) => (index === 0 ? { ...one, spanId: root.spanId } : one));
}
