import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "#contract";
import { plainText } from "./plain-text.ts";
import { foundNames, loneSpan } from "./testing/found-names.ts";
import { withEngine } from "./testing/oracle/engine-with-spans.ts";

const text = (value: string): Value => ({ type: "string", value });
const int = (value: number): Value => ({ type: "int", value: BigInt(value) });
const double = (value: number): Value => ({ type: "double", value });

const second = 1_000_000_000n;
const startNs = 1_763_800_000n * second;

const operators = {
  "=": ["equal"],
  "!=": ["above", "below"],
  ">": ["above"],
  ">=": ["above", "equal"],
  "<": ["below"],
  "<=": ["below", "equal"],
} as const;

/** An attribute that is just below, equal to and just above what a query names. */
interface Border {
  readonly key: string;
  readonly right: string;
  readonly values: Readonly<Record<"below" | "equal" | "above", Value>>;
}

const ints = { below: int(9), equal: int(10), above: int(11) };
const doubles = { below: double(9.75), equal: double(10), above: double(10.25) };
const times = { below: int(999_999_999), equal: int(1_000_000_000), above: int(1_000_000_001) };
const texts = { below: text("a"), equal: text("b"), above: text("bb") };

/** Of each type, in a column of the contract, beside it, and where the types of both sides differ. */
const numbers: readonly Border[] = [
  { key: "int.int", right: "10", values: ints },
  { key: "int.float", right: "10.0", values: ints },
  { key: "double.int", right: "10", values: doubles },
  { key: "double.float", right: "10.0", values: doubles },
  { key: "int.duration", right: "1s", values: times },
  { key: "llm.tokens.out", right: "10", values: ints },
  { key: "llm.tokens.in", right: "10.0", values: ints },
  { key: "llm.decode.mean_step_ms", right: "10", values: doubles },
];
const strings: readonly Border[] = [
  { key: "text", right: '"b"', values: texts },
  { key: "llm.model", right: "`b`", values: texts },
];

test("at its border each operator holds for an attribute exactly where it says", async () => {
  const spans = (["below", "equal", "above"] as const).map((name) =>
    loneSpan(
      name,
      Object.fromEntries([...numbers, ...strings].map(({ key, values }) => [key, values[name]])),
    ),
  );
  await assertBorder(spans, (operator) => [
    ...[...numbers, ...strings].flatMap(({ key, right }) => [
      `{ span.${key} ${operator} ${right} }`,
      `{ } | { .${key} ${operator} ${right} }`,
    ]),
    ...numbers.flatMap(({ key, right }) => [
      `{ span.${key} + 0 ${operator} ${right} }`,
      ...["min", "max", "avg", "sum"].map((name) => `${name}(span.${key}) ${operator} ${right}`),
    ]),
  ]);
});

async function assertBorder(
  spans: Parameters<typeof foundNames>[0],
  listQueries: (operator: string) => readonly string[],
): Promise<void> {
  const expected = Object.fromEntries(
    Object.entries(operators).flatMap(([operator, names]) =>
      listQueries(operator).map((query) => [query, [...names].sort()] as const),
    ),
  );
  assert.deepEqual(await foundNames(spans, Object.keys(expected)), expected);
}

test("at its border each operator holds for a duration exactly where it says", async () => {
  const lasting = (name: string, durationNs: bigint) =>
    loneSpan(
      name,
      {},
      {
        startTimeUnixNano: startNs,
        endTimeUnixNano: startNs + durationNs,
        events: [
          {
            timeUnixNano: startNs + durationNs,
            name: "end",
            attributes: [],
            droppedAttributesCount: 0,
          },
        ],
      },
    );
  const spans = [
    lasting("below", second - 1n),
    lasting("equal", second),
    lasting("above", second + 1n),
  ];
  await assertBorder(spans, (operator) => [
    `{ duration ${operator} 1s }`,
    `{ span:duration ${operator} 1000ms }`,
    `{ duration ${operator} 1000000000 }`,
    `{ traceDuration ${operator} 1s }`,
    `{ trace:duration ${operator} 1s }`,
    `{ event:timeSinceStart ${operator} 1s }`,
    `{ } | { duration ${operator} 1s }`,
    `{ duration + 1s ${operator} 2s }`,
    ...["min", "max", "avg", "sum"].flatMap((name) => [
      `{ } | ${name}(duration) ${operator} 1s`,
      `${name}(trace:duration) ${operator} 1s`,
    ]),
  ]);
});

test("at its border each operator holds for counts exactly where it says", async () => {
  const withChildren = (name: string, count: number) =>
    Array.from({ length: count + 1 }, (_, index) =>
      loneSpan(
        name,
        {},
        {
          ...(index === 0 ? {} : { name: "child", parentSpanId: loneSpan(name, {}).spanId }),
          ...(index === 0 ? {} : { spanId: index.toString(16).padStart(16, "c") }),
        },
      ),
    );
  const spans = [
    ...withChildren("below", 1),
    ...withChildren("equal", 2),
    ...withChildren("above", 3),
  ];
  const roots = "{ nestedSetParent < 0 }";
  await assertBorder(spans, (operator) => [
    `{ span:childCount ${operator} 2 && nestedSetParent < 0 }`,
    `{ } | count() ${operator} 3 | ${roots}`,
    `count() ${operator} 3 | ${roots}`,
    `{ nestedSetRight ${operator} 6 && nestedSetParent < 0 }`,
  ]);
});

test("at its border each threshold keeps a sample of a series exactly where it says", async () => {
  const spans = (["below", "equal", "above"] as const).flatMap((name, index) =>
    Array.from({ length: 9 + index }, (_, number) =>
      loneSpan(
        name,
        { n: int(9 + index) },
        {
          spanId: (number + 1).toString(16).padStart(16, "d"),
          startTimeUnixNano: startNs,
          endTimeUnixNano: startNs + second + BigInt(index - 1),
        },
      ),
    ),
  );
  const thresholds = {
    "count_over_time() by (name)": "10",
    "rate() by (name)": "1",
    "max_over_time(span.n) by (name)": "10.0",
    "min_over_time(duration) by (name)": "1s",
    "avg_over_time(duration) by (name)": "1",
    "sum_over_time(span.n) by (span.n)": "100",
  };
  const range = { startNs: startNs - 5n * second, endNs: startNs + 5n * second };
  await withEngine(spans, async (engine) => {
    for (const [stage, threshold] of Object.entries(thresholds)) {
      for (const [operator, names] of Object.entries(operators)) {
        const query = `{ } | ${stage} ${operator} ${threshold}`;
        const series = await engine.metrics(query, { ...range, stepNs: 10n * second });
        const kept = series.map(({ labels }) => plainText(labels[0]?.value ?? text("")));
        const expected = names.map((name) =>
          stage.includes("(span.n) by (span.n)") ? formatNumber(name) : name,
        );
        assert.deepEqual(kept.sort(), [...expected].sort(), query);
      }
    }
  });
});

function formatNumber(name: "below" | "equal" | "above"): string {
  return { below: "9", equal: "10", above: "11" }[name];
}
