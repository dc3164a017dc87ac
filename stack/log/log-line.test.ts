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
  assert.match(shown, /^\d\d:\d\d:\d\d\.678 INFO {2}input\.tokenized/);
  assert.match(shown, /some\.count=23 reason="two words" trace=0af7651916cd43dd8448eb211c80319c$/);
  assert.doesNotMatch(shown, /pid/);
});
