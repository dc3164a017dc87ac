import assert from "node:assert/strict";
import { test } from "node:test";
import type { TempoAttribute, TempoFoundTrace } from "../../stack/index.ts";
import { searchLines } from "./search-result.ts";

const traceID = "0af7651916cd43dd8448eb211c80319c";
const longAgo = "1763800000250000000";

const text = (key: string, stringValue: string): TempoAttribute => ({
  key,
  value: { stringValue },
});
const int = (key: string, intValue: string): TempoAttribute => ({ key, value: { intValue } });

function traceWith(...attributes: TempoAttribute[]): TempoFoundTrace {
  const span = { name: "llm.decode", startTimeUnixNano: longAgo, durationNanos: "41500000" };
  return {
    traceID,
    rootServiceName: "miniserve",
    rootTraceName: "http.handler",
    spanSets: [{ matched: 1, spans: [{ ...span, spanID: "00f067aa0ba902b7", attributes }] }],
  };
}

/** The widths of the lines, in characters as a terminal shows them. */
const widest = (lines: readonly string[]) => Math.max(...lines.map((line) => [...line].length));

test("attributes stand in the order of the query, numbers at the right", () => {
  const traces = [
    traceWith(text("llm.model", "a"), int("llm.tokens.out", "7")),
    traceWith(text("llm.model", "bb"), int("llm.tokens.out", "128")),
  ];
  const query = "{ span.llm.tokens.out > 0 } | select(span.llm.model)";
  const [heading, ...rows] = searchLines(traces, query, 200);
  assert.match(
    heading ?? "",
    /^trace +started +duration +name +root +llm\.tokens\.out {2}llm\.model$/,
  );
  assert.match(rows[0] ?? "", / 41\.5 ms {2}llm\.decode {2}miniserve http\.handler +7 {2}a$/);
  assert.match(rows[1] ?? "", / {2}128 {2}bb$/);
});

test("in 100 columns the rows of a trace stand under its id, which is whole", () => {
  const many = ["llm.tokens.out", "llm.decode.steps", "llm.decode.mean_step_ms"];
  const attributes = many.map((key) => int(key, "16"));
  const lines = searchLines(
    [traceWith(...attributes, text("llm.model", "a-model-with-a-name-that-is-long.Q4_1"))],
    "{ }",
    100,
  );
  assert.ok(widest(lines) <= 100, lines.join("\n"));
  assert.equal(lines.filter((line) => line.startsWith(`${traceID}  miniserve`)).length, 1);
  assert.match(lines.at(-1) ?? "", /^ {2}2025.* llm\.decode .*a-model.*…/);
  assert.match(lines.join("\n"), /llm\.decode\.\s/, "long headings are broken");
});

test("what fits in no table has a line for each attribute", () => {
  const attributes = Array.from({ length: 12 }, (_, index) =>
    int(`attribute.number.${index}`, "5"),
  );
  const lines = searchLines([traceWith(...attributes)], "{ }", 80);
  assert.ok(widest(lines) <= 80);
  assert.equal(lines.filter((line) => /^ {4}attribute\.number\.\d+ +5$/.test(line)).length, 12);
  assert.equal(lines[0], `${traceID}  miniserve http.handler`);
});

test("an answer without fields, and text that a terminal would obey, are shown harmlessly", () => {
  const bare: TempoFoundTrace = { traceID, spanSets: [{ spans: [{}] }] };
  assert.match(searchLines([bare], "{ }", 100)[1] ?? "", new RegExp(`^${traceID} .*0 ns$`));
  const lines = searchLines([traceWith(text("a", "\u001b[2Jred\nline"))], "{ }", 200);
  assert.match(lines[1] ?? "", /\\u001b\[2Jred\\nline$/);
  const long = searchLines([traceWith(text("a", "x".repeat(100_000)))], "{ }", 200);
  assert.ok(widest(long) < 400);
});
