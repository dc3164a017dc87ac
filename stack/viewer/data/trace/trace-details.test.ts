import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { readOtlpJson, rules } from "#contract";
import { miniserve } from "#miniserve";
import { completeRequest, randomHex } from "../../../../tests/support/traces/complete-request.ts";
import {
  createLogQuery,
  resourceAttributeRows,
  spanAttributeRows,
  spanMeaning,
  traceFile,
  traceStory,
  valueText,
} from "./trace-details.ts";

const checkout = resolve(import.meta.dirname, "..", "..", "..", "..");
const sample = readFileSync(
  resolve(checkout, "experiments", "34-traces", "sample-trace.json"),
  "utf8",
);
const spans = completeRequest(miniserve, { with: ["retrieve"] });

test("a trace is in its place, and as the contract says", () => {
  const { waterfall, violations, hiddenCount } = traceStory([miniserve], spans);
  assert.equal(waterfall.rows.length, spans.length);
  assert.equal(waterfall.rows[0]?.span.name, miniserve.spans.handler.name);
  assert.deepEqual([violations, hiddenCount], [[], 0]);
});

test("the file of a trace is the sample trace's, byte for byte, in whatever order its spans came", () => {
  assert.equal(traceFile(readOtlpJson(JSON.parse(sample)).spans.toReversed()), sample);
});

test("what breaks the contract is marked on its span, with what the rule says", () => {
  const broken = spans.map((span) =>
    span.name === miniserve.spans.decode.name ? { ...span, attributes: [] } : span,
  );
  const { violations, violationsBySpan } = traceStory([miniserve], broken);
  const decode = broken.find(({ name }) => name === miniserve.spans.decode.name);
  const missing = violationsBySpan.get(decode?.spanId ?? "") ?? [];
  assert.ok(missing.length > 0);
  assert.ok(missing.some(({ brief }) => brief === rules["missing-attribute"]));
  assert.ok(violations.every(({ brief }) => brief !== ""));
});

test("a trace of a service that no contract declares is not judged, though it failed", () => {
  const foreign = spans.map((span) => ({
    ...span,
    name: "place order",
    status: { code: "error", message: "" } as const,
    scope: { ...span.scope, name: "other" },
    resource: {
      ...span.resource,
      attributes: [{ key: "service.name", value: { type: "string", value: "shop" } as const }],
    },
  }));
  const line = "shop is not a service of a contract: not judged.";
  const alone = traceStory([miniserve], foreign);
  assert.deepEqual([alone.verdict, alone.notJudged], ["not judged", [line]]);
  const beside = foreign.map((span) => ({ ...span, spanId: randomHex(8) }));
  const both = traceStory([miniserve], [...spans, ...beside]);
  assert.equal(both.verdict, "kept");
  assert.deepEqual(both.notJudged, [
    `Only what is of miniserve (${spans.length} spans) is judged. ${line}`,
  ]);
  const stage = spans.filter(({ name }) => name === miniserve.spans.decode.name);
  assert.notEqual(traceStory([miniserve], stage).verdict, "kept");
});

test("a span without an end, or with one before its start, took no time", () => {
  const [first, second, ...others] = spans.toSorted((one, other) =>
    Number(one.startTimeUnixNano - other.startTimeUnixNano),
  );
  assert.ok(first !== undefined && second !== undefined);
  const { waterfall } = traceStory(
    [miniserve],
    [
      first,
      { ...second, endTimeUnixNano: 0n },
      ...others.map((span, index) => (index === 0 ? { ...span, startTimeUnixNano: 0n } : span)),
    ],
  );
  const row = waterfall.rows.find(({ span }) => span.spanId === second.spanId);
  assert.equal(row?.durationMs, 0);
  // A start that is unknown does not push the others out of sight.
  assert.equal(waterfall.startMs, Number(first.startTimeUnixNano / 1_000_000n));
  assert.ok(waterfall.durationMs < 60_000, `${waterfall.durationMs}`);
  for (const { start, length } of waterfall.rows) {
    assert.ok(start >= 0 && length >= 0 && start + length <= 1.000001);
  }
});

test("two spans of one id are said to be two", () => {
  const [first] = spans;
  assert.ok(first !== undefined);
  const { hiddenCount, violations } = traceStory([miniserve], [...spans, first]);
  assert.equal(hiddenCount, 1);
  assert.ok(violations.some(({ rule }) => rule === "duplicate-span-id"));
});

test("attributes have the contract's meanings, and those that it does not know have none", () => {
  const decode = spans.find(({ name }) => name === miniserve.spans.decode.name);
  assert.ok(decode !== undefined);
  const planted = { key: "x", value: { type: "string", value: "<script>" } } as const;
  const rows = spanAttributeRows([miniserve], {
    ...decode,
    attributes: [...decode.attributes, planted],
  });
  const { tokensOut } = miniserve.attributes;
  const tokens = rows.find(({ key }) => key === tokensOut.key);
  assert.deepEqual([tokens?.brief, tokens?.unit], [tokensOut.brief, "token"]);
  assert.deepEqual(rows.at(-1), { key: "x", value: "<script>", unit: "", brief: undefined });
  assert.ok(resourceAttributeRows([miniserve], decode).every(({ brief }) => brief !== undefined));
  assert.equal(spanMeaning([miniserve], decode), miniserve.spans.decode.brief);
  assert.equal(spanMeaning([miniserve], { ...decode, name: "other" }), undefined);
});

test("values of every type are text", () => {
  const text = valueText({
    type: "map",
    value: [
      { key: "a", value: { type: "array", value: [{ type: "int", value: 9007199254740993n }] } },
      { key: "b", value: { type: "bool", value: false } },
      { key: "c", value: { type: "bytes", value: new Uint8Array(3) } },
      { key: "d", value: { type: "empty" } },
    ],
  });
  assert.equal(text, "{a: [9007199254740993], b: false, c: 3 bytes, d: }");
});

test("the log is asked in the one form that it answers", () => {
  assert.match(createLogQuery([miniserve], "ab"), /^\{service_name="[^"]+"\} \| trace_id="ab"$/);
});
