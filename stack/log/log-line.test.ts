import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "../command/terminal.ts";
import { formatLogLine, parseLogLine } from "./log-line.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "00f067aa0ba902b7";
const line = JSON.stringify({
  level: "info",
  time: "2026-01-02T03:04:05.678Z",
  pid: 1,
  event: "input.tokenized",
  trace_id: traceId,
  span_id: spanId,
  "some.count": 23,
  reason: "two words",
});

test("reads a line's parts", () => {
  assert.deepEqual(parseLogLine(line), {
    time: "2026-01-02T03:04:05.678Z",
    level: "info",
    event: "input.tokenized",
    traceId,
    spanId,
    fields: { pid: 1, "some.count": 23, reason: "two words" },
  });
});

test("what is no line of the server's is left as it is", () => {
  for (const other of ["", "plain words", "[1]", "null", '{"time":1,"level":30}']) {
    assert.equal(parseLogLine(other), undefined);
    assert.equal(formatLogLine(other, plain), other);
  }
});

test("formats a line for a person", () => {
  const shown = formatLogLine(line, plain);
  assert.match(shown, /^2026-01-0\d \d\d:\d\d:05\.678 INFO {2}input\.tokenized/);
  assert.match(shown, /some\.count=23 reason="two words" trace=0af7651916cd43dd8448eb211c80319c$/);
  assert.doesNotMatch(shown, /pid/);
});

test("shows no more than is of use: no day for today, three decimals, no trace twice", () => {
  const time = new Date().toISOString();
  const today = JSON.stringify({ ...JSON.parse(line), time, "some.ms": 12.345678 });
  const shown = formatLogLine(today, plain, { withTrace: false });
  assert.match(shown, /^\d\d:\d\d:\d\d\.\d{3} INFO/);
  assert.match(shown, / some\.ms=12\.346$/);
});

test("passes no control character on, whether it was written plainly or as JSON writes it", () => {
  const bell = String.fromCharCode(7);
  const csi = String.fromCharCode(0x9b);
  const fields = { ...JSON.parse(line), event: bell, reason: csi, [csi]: bell, trace_id: bell };
  for (const shown of [JSON.stringify(fields), `plain ${bell}${csi}`]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    assert.doesNotMatch(formatLogLine(shown, plain), /[\u0000-\u001f\u007f-\u009f]/);
  }
});
