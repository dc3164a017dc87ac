import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createSavedQueries, type KeyValue, readOtlpJson, type Span, type Value } from "#contract";
import { miniserve } from "#miniserve";
import { isMetricsQuery } from "#traceql";
import { type Ask, startApiUnderTest } from "../testing/api-under-test.ts";
import { conformanceRange } from "../traceql/conformance/answers.ts";
import { conformanceQueries } from "../traceql/conformance/queries.ts";

/**
 * Spans with times and numbers at the ends of their ranges, as a file of an earlier version may hold
 * them: today's intake moves such times. Whatever is stored, nobody's query may fail for it.
 */

const largest = 2n ** 64n - 1n;
/** Of a start and an end, what may be stored instead. */
const times: readonly ((start: bigint, end: bigint) => readonly [bigint, bigint])[] = [
  (start, end) => [start, end],
  (start) => [start, largest],
  (start, end) => [start, end],
  () => [2n ** 63n, 2n ** 63n + 7n],
  (start, end) => [start, end],
  (_start, end) => [0n, end],
  () => [0n, 0n],
  (start) => [start, start - 5n],
  () => [largest, largest],
  () => [2n ** 63n - 2n, 2n ** 63n - 1n],
  (start, end) => [start, end],
];
const eventTimes = [2n ** 63n, largest, 0n, 2n ** 63n - 1n];
const numbers: readonly Value[] = [
  ...[Number.NaN, Infinity, -Infinity, -0, 1.7e308, -1.7e308, 5e-324].map(
    (value): Value => ({ type: "double", value }),
  ),
  ...[2n ** 63n - 1n, -(2n ** 63n)].map((value): Value => ({ type: "int", value })),
];

/** As attributes: one after the other takes the place of every number. */
function oddSpans(spans: readonly Span[], service: (name: string) => string): Span[] {
  let next = 0;
  const odd = <Item>(items: readonly Item[]) => items[next++ % items.length] as Item;
  const oddValue = (value: Value): Value => {
    if (value.type === "array") {
      return { ...value, value: value.value.map(oddValue) };
    }
    return value.type === "int" || value.type === "double" ? odd([value, ...numbers]) : value;
  };
  const attributes = (list: readonly KeyValue[]) =>
    list.map(({ key, value }) => ({
      key,
      value:
        key === "service.name" && value.type === "string"
          ? { ...value, value: service(value.value) }
          : oddValue(value),
    }));
  return spans.map((span, index) => {
    const change = times[index % times.length] as (typeof times)[number];
    const [startTimeUnixNano, endTimeUnixNano] = change(
      span.startTimeUnixNano,
      span.endTimeUnixNano,
    );
    return {
      ...span,
      startTimeUnixNano,
      endTimeUnixNano,
      attributes: attributes(span.attributes),
      events: [
        ...span.events,
        { timeUnixNano: 0n, name: "odd", attributes: [], droppedAttributesCount: 0 },
      ].map((event) => ({
        ...event,
        timeUnixNano: odd(eventTimes),
        attributes: attributes(event.attributes),
      })),
      resource: { ...span.resource, attributes: attributes(span.resource.attributes) },
    };
  });
}

function dataSet(): readonly Span[] {
  const file = new URL("../traceql/conformance/data-set.json", import.meta.url);
  return readOtlpJson(JSON.parse(readFileSync(file, "utf8"))).spans;
}

const { startNs, endNs } = conformanceRange;
const range = { start: String(startNs), end: String(endNs), step: "60" };
const farRange = {
  start: String(2n ** 63n - 3_600_000_000_000n),
  end: String(2n ** 63n - 1n),
  step: "60",
};
const everything = { spss: "100", limit: "1000" };

/** What is wrong with an answer; nothing with a refusal. */
async function listFaults(ask: Ask, path: string, parameters: Record<string, string>) {
  const { status, text } = await ask(path, parameters);
  const request = `${path} ${parameters.q ?? ""}`;
  if (status !== 200) {
    return status === 400 ? [] : [`${request}: ${status} ${text}`];
  }
  return isForGrafana(JSON.parse(text)) ? [] : [`${request}: ${text.slice(0, 300)}`];
}

/** Grafana refuses a whole answer for a single number that does not fit its field. */
function isForGrafana(answer: { traces?: { durationMs?: number }[] }): boolean {
  return (answer.traces ?? []).every(
    ({ durationMs = 0 }) => durationMs >= 0 && durationMs < 2 ** 32,
  );
}

type ApiRequest = [path: string, parameters: Record<string, string>];

function listRequests(q: string): ApiRequest[] {
  return isMetricsQuery(q)
    ? [range, farRange].map((one) => ["/api/metrics/query_range", { q, exemplars: "10", ...one }])
    : [["/api/search", { q, ...everything }]];
}

/** Asks all of it, and shows what is wrong with any of the answers. */
async function assertAnswered(ask: Ask, asked: readonly ApiRequest[]): Promise<void> {
  const faults: string[] = [];
  for (const [path, parameters] of asked) {
    faults.push(...(await listFaults(ask, path, parameters)));
  }
  assert.deepEqual(faults, []);
}

test("every query of the conformance table is answered over times and numbers at the ends of their ranges", async (context) => {
  const { searches, metrics, invalid } = conformanceQueries("conformance");
  const { ask } = await startApiUnderTest(
    context,
    oddSpans(dataSet(), (name) => name),
  );
  await assertAnswered(ask, [...searches, ...metrics, ...invalid].flatMap(listRequests));
});

/** Two with a column for integers, two with one for doubles too, and one without any. */
const numberKeys = [
  ...(["int", "double"] as const).flatMap((type) =>
    Object.values(miniserve.attributes)
      .filter((attribute) => attribute.type === type)
      .slice(0, 2)
      .map(({ key }) => key),
  ),
  "other.number",
];

/** As a data set of the project's own service: every span has every number of the contract. */
function ofMiniserve(): readonly Span[] {
  const attributes = numberKeys.map(
    (key, index): KeyValue => ({
      key,
      value: index % 2 === 0 ? { type: "int", value: 5n } : { type: "double", value: 2.5 },
    }),
  );
  const names = Object.values(miniserve.spans).map(({ name }) => name);
  const spans = dataSet().map((span, index) => ({
    ...span,
    name: names[index % names.length] ?? "",
    attributes,
  }));
  return oddSpans(spans, () => "miniserve");
}

test("so is every saved query, and every function, comparison and group of every number", async (context) => {
  const { ask } = await startApiUnderTest(context, ofMiniserve());
  const saved = createSavedQueries(miniserve).flatMap(({ search, table, count }) => [
    search,
    table,
    count ?? "{}",
  ]);
  const ofNumbers = [
    ...numberKeys.map((key) => `span.${key}`),
    "duration",
    "trace:duration",
  ].flatMap((number) => [
    ...["avg", "min", "max", "sum"].flatMap((name) => [
      `{} | ${name}(${number}) > 0`,
      `{} | ${name}_over_time(${number})`,
      `{} | ${name}_over_time(${number}) by (kind) | topk(2)`,
    ]),
    `{} | quantile_over_time(${number}, 0, .5, 1)`,
    `{} | histogram_over_time(${number}) by (status)`,
    `{ ${number} > 1 && ${number} * 2 < ${number} ^ 2 } | by(${number}) | select(${number})`,
    `{} | rate() by (${number})`,
    `{ ${number} = -${number} || ${number} - ${number} != 0 || ${number} % 2 = 1 }`,
  ]);
  const others = [
    "{ traceDuration > 1s }",
    "{ trace:duration < 100h }",
    "{ event:timeSinceStart > 1ms } | by(event:timeSinceStart)",
    "{ event:timeSinceStart + 1s < duration }",
    "{} | compare({ duration > 1s }, 5)",
    "{} | avg_over_time(event:timeSinceStart)",
    "{ span:duration > 10h } | select(trace:duration, event:timeSinceStart)",
  ];
  const tagNames = [...numberKeys.map((key) => `span.${key}`), "duration", "traceDuration", "name"];
  await assertAnswered(ask, [
    ...[...saved, ...ofNumbers, ...others].flatMap(listRequests),
    ...["", "span", "resource", "event"].flatMap((scope): ApiRequest[] => [
      ["/api/v2/search/tags", { scope }],
      ["/api/v2/search/tags", { scope, ...range }],
    ]),
    ...tagNames.flatMap((name): ApiRequest[] => [
      [`/api/v2/search/tag/${encodeURIComponent(name)}/values`, {}],
      [`/api/v2/search/tag/${encodeURIComponent(name)}/values`, { q: "{ duration > 1s }" }],
    ]),
    ["/api/search", { minDuration: "1s" }],
    ["/api/search", { maxDuration: "1s" }],
    ["/api/search", { tags: "name=x" }],
    ["/api/search", farRange],
    ...[...new Set(ofMiniserve().map(({ traceId }) => traceId))].flatMap(
      (traceId): ApiRequest[] => [
        [`/api/traces/${traceId}`, {}],
        [`/api/v2/traces/${traceId}`, {}],
      ],
    ),
  ]);
});
