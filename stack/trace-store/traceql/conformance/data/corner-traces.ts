import { emptyScope, type Span, type Value } from "#contract";
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

const corner = createResource("-corner", { region: string("corner") });
const other = createResource("-corner-b", { region: string("corner") });
const largest = 2n ** 63n - 1n;

/**
 * A span that ends, and has an event, before it starts. Tempo 3.0.3 takes such a duration for a very
 * long one, and then misses other spans when it is asked for durations: it is not sent there.
 */
export const backwards = "ends before it starts";

/** How the parts of a trace are given: its name is the root's name, and a part of all its ids. */
type Part = Partial<Span> & { readonly id: number; readonly under?: number | null };

let number = 0;

function trace(name: string, parts: readonly Part[], prefix = "ac"): Span[] {
  number += 1;
  const traceId = `${prefix}${number.toString(16).padStart(30, "0")}`;
  const formatId = (id: number) =>
    (0xf000_0000_0000_0000n + BigInt(number * 1_000 + id)).toString(16);
  const begin = startNs + milliseconds(number * 2_000);
  return parts.map(({ id, under = null, ...given }) =>
    span({
      traceId,
      spanId: formatId(id),
      parentSpanId: under === null ? null : formatId(under),
      name: under === null ? name : `${name} ${id}`,
      resource: corner,
      startTimeUnixNano: begin + milliseconds(id),
      endTimeUnixNano: begin + milliseconds(id + 20),
      ...given,
    }),
  );
}

/** What few senders do and no store may stumble over, a trace each. */
export function cornerTraces(): Span[] {
  number = 0;
  return [...trees(), ...times(), ...values(), ...identifiers()].flat();
}

function trees(): Span[][] {
  const chain = Array.from({ length: 60 }, (_, id) => ({ id, under: id === 0 ? null : id - 1 }));
  const fan = Array.from({ length: 120 }, (_, id) => ({ id, under: id === 0 ? null : 0 }));
  return [
    trace("cycle", [{ id: 1 }, { id: 2, under: 3 }, { id: 3, under: 2 }]),
    trace("own parent", [{ id: 1 }, { id: 2, under: 2 }]),
    trace("two roots", [{ id: 1 }, { id: 2 }, { id: 3, under: 2 }]),
    trace("no root", [
      { id: 1, under: 99, name: "no root" },
      { id: 2, under: 1 },
    ]),
    trace("lost parent", [{ id: 1 }, { id: 3, under: 2 }, { id: 4, under: 3 }]),
    trace("chain", chain),
    trace("fan", fan),
    trace("several services", [
      { id: 1 },
      { id: 2, under: 1, resource: other },
      { id: 3, under: 2 },
      { id: 4, under: 2, resource: other, status: { code: "error", message: "other" } },
    ]),
    trace("one id twice", [
      { id: 1 },
      { id: 2, under: 1, kind: "client" },
      { id: 2, under: 1, kind: "server", name: "one id twice, server" },
      { id: 3, under: 2 },
    ]),
    // The children come before their parents, as exporters send what ends first.
    trace("late root", [{ id: 3, under: 2 }, { id: 2, under: 1 }, { id: 1 }]),
  ];
}

function times(): Span[][] {
  const at = startNs + milliseconds(100_000);
  return [
    trace("skewed clock", [
      { id: 1, startTimeUnixNano: at, endTimeUnixNano: at + milliseconds(5) },
      {
        id: 2,
        under: 1,
        startTimeUnixNano: at - milliseconds(900),
        endTimeUnixNano: at - milliseconds(890),
      },
    ]),
    trace(backwards, [
      {
        id: 1,
        startTimeUnixNano: at,
        endTimeUnixNano: at - milliseconds(5),
        events: [
          {
            timeUnixNano: at - milliseconds(1),
            name: "before the start",
            attributes: [],
            droppedAttributesCount: 0,
          },
        ],
      },
    ]),
    trace("no duration", [{ id: 1, startTimeUnixNano: at, endTimeUnixNano: at }]),
    trace("all at once", [
      { id: 1, startTimeUnixNano: at, endTimeUnixNano: at + 1n },
      { id: 2, under: 1, startTimeUnixNano: at, endTimeUnixNano: at + 1n },
      { id: 3, under: 1, startTimeUnixNano: at, endTimeUnixNano: at + 1n },
    ]),
  ];
}

function values(): Span[][] {
  const holding = (name: string, held: Record<string, Value>) =>
    trace(name, [{ id: 1, attributes: attributes(held) }]);
  return [
    holding("empty values", {
      "": string("no key"),
      empty: string(""),
      nothing: { type: "empty" },
    }),
    holding("empty lists", { list: array(), map: { type: "map", value: [] } }),
    holding("integers", { big: int(largest), small: int(-largest - 1n), zero: int(0) }),
    holding("doubles", { tiny: double(5e-324), huge: double(1.7e308), minus: double(-0.5) }),
    holding("whole double", { whole: double(3), half: double(2.5) }),
    holding("nested", {
      map: { type: "map", value: attributes({ inner: string("m"), deep: array(int(1)) }) },
      bytes: { type: "bytes", value: new Uint8Array([0, 1, 254, 255]) },
      lists: array(array(int(1)), array(int(2))),
    }),
    holding("mixed list", { list: array(int(1), string("one"), bool(true), double(1.5)) }),
    holding("one key twice", { twice: int(1) }).map((one) => ({
      ...one,
      attributes: [...one.attributes, ...attributes({ twice: int(2) })],
    })),
    holding("odd keys", {
      'quote"d': int(1),
      "back\\slash": int(2),
      "sl/ash": int(3),
      "til~de": int(4),
      ключ: int(5),
      "a.b.c": int(6),
      "dash-ed": int(7),
      "colon:ed": int(8),
      "{br}ace": int(9),
    }),
    holding("odd texts", {
      text: string('line\nbreak "quote" back\\slash \' % _ \u0000 😀'),
      long: string("x".repeat(2_000)),
    }),
    trace("many events", [
      {
        id: 1,
        events: Array.from({ length: 30 }, (_, index) => ({
          timeUnixNano: startNs + milliseconds(100_000 + index),
          name: `event ${index % 3}`,
          attributes: attributes({ index: int(index), even: bool(index % 2 === 0) }),
          droppedAttributesCount: 0,
        })),
      },
    ]),
  ];
}

function identifiers(): Span[][] {
  return [
    trace("zeros in front", [{ id: 1, spanId: "0000000000000abc" }], "00"),
    trace("no service", [
      { id: 1, resource: { ...corner, attributes: corner.attributes.slice(1) } },
    ]),
    trace("no name", [{ id: 1, name: "" }]),
    trace("no scope", [{ id: 1, scope: emptyScope }]),
  ];
}
