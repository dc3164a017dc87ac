import type { OutcomeCounts } from "../receiver/index.ts";
import { delimited, fixed64, nestedAttribute, varint } from "./wire-bytes.ts";

/** The same span in both of OTLP's encodings, as a sender may write it that does something wrong. */
export interface OddSpan {
  readonly json: unknown;
  /** The content of the message. */
  readonly wire: Buffer;
  readonly outcomes: OutcomeCounts;
}

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
export const startNs = 1_763_800_000_000_000_000n;
const endNs = startNs + 5n;
const largest = 2n ** 64n - 1n;

const hex = (digits: string) => Buffer.from(digits, "hex");
const ids = [delimited(1, hex(traceId)), delimited(2, hex(spanId))];
const times = [fixed64(7, startNs), fixed64(8, endNs)];
const good = { traceId, spanId, startTimeUnixNano: `${startNs}`, endTimeUnixNano: `${endNs}` };

/** A span that is good but for what is given; on the wire the last of a field counts. */
function odd(json: object, wire: readonly Buffer[], outcomes: OutcomeCounts = {}): OddSpan {
  return { json: { ...good, ...json }, wire: Buffer.concat([...ids, ...times, ...wire]), outcomes };
}

function valued(value: unknown, wire: Buffer, outcomes: OutcomeCounts = {}): OddSpan {
  const attribute = delimited(9, delimited(1, "a"), delimited(2, wire));
  return odd({ attributes: [{ key: "a", value }] }, [attribute], outcomes);
}

const nestedJson = (depth: number): unknown =>
  depth === 0
    ? { boolValue: true }
    : { kvlistValue: { values: [{ key: "k", value: nestedJson(depth - 1) }] } };
const double = (value: number) => {
  const bytes = Buffer.alloc(9);
  bytes[0] = 4 * 8 + 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
};
const noId = { span_id_invalid: 1 };
const unreadable = { span_unreadable: 1 };

const withIds: Readonly<Record<string, OddSpan>> = {
  "without any id": { json: {}, wire: Buffer.alloc(0), outcomes: noId },
  "without a trace id": { json: { spanId }, wire: delimited(2, hex(spanId)), outcomes: noId },
  "a short trace id": odd({ traceId: "abcd" }, [delimited(1, hex("abcd"))], noId),
  "a long span id": odd({ spanId: traceId }, [delimited(2, hex(traceId))], noId),
  "a trace id of zeros": odd({ traceId: "0".repeat(32) }, [delimited(1, Buffer.alloc(16))], noId),
  "a parent of three bytes": odd({ parentSpanId: "abcdef" }, [delimited(4, hex("abcdef"))], noId),
  "a parent of zeros": odd({ parentSpanId: "0".repeat(16) }, [delimited(4, Buffer.alloc(8))]),
  "ids in upper case": odd({ traceId: traceId.toUpperCase() }, []),
  "ids in base64": odd({ traceId: hex(traceId).toString("base64") }, []),
  "a link without ids": odd({ links: [{}] }, [delimited(13)]),
  "a link with short ids": odd(
    { links: [{ traceId: "ab", spanId: "cd" }] },
    [delimited(13, delimited(1, hex("ab")), delimited(2, hex("cd")))],
    { link_id_invalid: 2 },
  ),
};

const withTypes: Readonly<Record<string, OddSpan>> = {
  "a kind and a status from the future": odd(
    { kind: 99, status: { code: 7 } },
    [varint(6, 99), delimited(15, varint(3, 7))],
    { enum_unknown: 2 },
  ),
  "a negative kind": odd({ kind: -1 }, [varint(6, -1)], { enum_unknown: 1 }),
  "unknown fields everywhere": odd(
    {
      future: { a: [1] },
      status: { x: 1 },
      events: [{ y: null }],
      links: [{ z: "" }],
      attributes: [{ key: "a", value: { newValue: 5 }, w: 1 }],
    },
    [
      delimited(99, "x"),
      delimited(15, varint(77, 1)),
      delimited(11, varint(77, 1)),
      delimited(13, fixed64(77, 1n)),
      delimited(9, delimited(1, "a"), delimited(2, varint(20, 5)), varint(30, 1)),
      // A group, as protobuf had them once.
      Buffer.from([((50 << 3) & 0x7f) | 0x80 | 3, 3, 8, 1, ((50 << 3) & 0x7f) | 0x80 | 4, 3]),
    ],
    { time_moved: 1 },
  ),
  "a name that is a number": odd({ name: 5 }, [varint(5, 5)], unreadable),
  "an attribute that is none": odd({ attributes: [1] }, [varint(9, 1)], unreadable),
  "events that are a number": odd({ events: 1 }, [varint(11, 1)], unreadable),
  "a link that is none": odd({ links: ["x"] }, [varint(13, 1)], unreadable),
  "a status that is a number": odd({ status: 2 }, [varint(15, 2)], unreadable),
  "a time of another type": odd({ startTimeUnixNano: true }, [varint(7, 1)], unreadable),
  "a text where a number belongs": valued({ intValue: "x" }, delimited(3, "x"), unreadable),
  "what is no span": { json: 5, wire: Buffer.from([0x0a, 0x7f, 1]), outcomes: unreadable },
  "an attribute cut off": odd(
    { attributes: [null] },
    [Buffer.from([0x4a, 50, 0x0a, 1])],
    unreadable,
  ),
  "a wire type that is none": odd({ flags: {} }, [Buffer.from([0x4f, 1])], unreadable),
};

const withValues: Readonly<Record<string, OddSpan>> = {
  "nothing but ids": {
    json: { traceId, spanId },
    wire: Buffer.concat(ids),
    outcomes: { time_moved: 2 },
  },
  "attributes without a key or a value": odd(
    { attributes: [{}, { key: "" }, { key: "a", value: null }] },
    [delimited(9), delimited(9, delimited(1, "")), delimited(9, delimited(1, "a"))],
  ),
  "a key twice": odd(
    {
      attributes: [
        { key: "a", value: { intValue: 1 } },
        { key: "a", value: { intValue: "2" } },
      ],
    },
    [1, 2].map((value) => delimited(9, delimited(1, "a"), delimited(2, varint(3, value)))),
  ),
  "empty lists": odd({ attributes: [], events: [], links: [] }, []),
  "an empty array and map": odd(
    {
      attributes: [
        { key: "a", value: { arrayValue: {} } },
        { key: "b", value: { kvlistValue: {} } },
      ],
    },
    [
      delimited(9, delimited(1, "a"), delimited(2, delimited(5))),
      delimited(9, delimited(1, "b"), delimited(2, delimited(6))),
    ],
  ),
  bytes: valued({ bytesValue: "/wE=" }, delimited(7, Buffer.from([255, 1]))),
  "the smallest integer": valued(
    { intValue: `${-(2n ** 63n)}` },
    Buffer.concat([Buffer.from([3 * 8]), Buffer.from([...Array(9).fill(0x80), 1])]),
  ),
  NaN: valued({ doubleValue: "NaN" }, double(Number.NaN)),
  "minus infinity": valued({ doubleValue: "-Infinity" }, double(Number.NEGATIVE_INFINITY)),
  "minus zero": valued({ doubleValue: "-0" }, double(-0)),
  "two values in one": valued(
    { intValue: 1, stringValue: "x" },
    Buffer.concat([varint(3, 1), delimited(1, "x")]),
  ),
  "maps 60 deep": odd(
    { attributes: [{ key: "deep", value: nestedJson(60) }] },
    [nestedAttribute(60)],
    {
      nesting_cut: 1,
    },
  ),
  "texts that are no Unicode": odd(
    {
      name: "a\udfffb",
      traceState: "\ud800",
      status: { message: "\udc00" },
      events: [{ timeUnixNano: `${startNs}`, name: "\ud83d" }],
      attributes: [{ key: "k\udfff", value: { stringValue: "v\udfff" } }],
    },
    [
      delimited(5, hex("61ff62")),
      delimited(3, hex("ff")),
      delimited(15, delimited(2, hex("80"))),
      delimited(11, fixed64(1, startNs), delimited(2, hex("c3"))),
      delimited(9, delimited(1, hex("6bff")), delimited(2, delimited(1, hex("76fe")))),
    ],
    { text_repaired: 6 },
  ),
  "a text that is too long": odd({ name: "x".repeat(70_000) }, [delimited(5, "x".repeat(70_000))], {
    text_cut: 1,
  }),
};

const event = (ns: bigint) => delimited(11, fixed64(1, ns));
const timed = (start: bigint, end: bigint, moved: number, events: readonly bigint[] = []) =>
  odd(
    {
      startTimeUnixNano: `${start}`,
      endTimeUnixNano: `${end}`,
      events: events.map((ns) => ({ timeUnixNano: `${ns}` })),
    },
    [fixed64(7, start), fixed64(8, end), ...events.map(event)],
    moved === 0 ? {} : { time_moved: moved },
  );

const withTimes: Readonly<Record<string, OddSpan>> = {
  "an end at the end of all times": timed(startNs, largest, 1),
  "a start at 2^63": timed(2n ** 63n, 2n ** 63n + 7n, 3, [2n ** 63n + 3n]),
  "all times at the end": timed(largest, largest, 3, [largest]),
  "a start at 0": timed(0n, endNs, 1),
  "no time at all": timed(0n, 0n, 3, [0n]),
  "an end before the start": timed(startNs, startNs - 5n, 1),
  "no end": timed(startNs, 0n, 1),
  "events at 2^63, at 0 and before the start": timed(startNs, endNs, 2, [
    2n ** 63n,
    0n,
    startNs - 1n,
  ]),
  "a clock that is an hour ahead": timed(
    startNs + 3_600_000_000_000n,
    startNs + 3_600_000_000_001n,
    0,
  ),
};

/** By what is odd about them. */
export const oddSpans: Readonly<Record<string, OddSpan>> = {
  ...withIds,
  ...withTypes,
  ...withValues,
  ...withTimes,
};
