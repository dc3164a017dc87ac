import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "../command/terminal.ts";
import { intakeLines } from "./intake-lines.ts";

test("what came in is one line, and each way of losing something one more", () => {
  const intake = {
    exports: { taken: 1, refused: 0 },
    refusals: {},
    spans: { taken: 12, rejected: 0 },
    textsCut: 0,
    removed: {},
  };
  assert.deepEqual(intakeLines(intake, plain), [
    "  came in    12 spans in 1 export since the store started",
  ]);
  const lossy = {
    exports: { taken: 2, refused: 3 },
    refusals: { too_large: 1, malformed: 2 },
    spans: { taken: 1, rejected: 4 },
    textsCut: 5,
    removed: { link: 6, "span name": 7 },
  };
  assert.deepEqual(intakeLines(lossy, plain), [
    "  came in    1 span in 2 exports since the store started",
    "             refused: exports (3): too large (1), malformed (2)",
    "             refused: spans without valid ids (4)",
    "             cut: texts longer than STACK_TEXT_LIMIT_BYTES (5)",
    "             removed by the allow-list: link (6), span name (7)",
  ]);
});
