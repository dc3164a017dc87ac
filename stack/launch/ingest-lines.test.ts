import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "../command/terminal.ts";
import { ingestLines } from "./report.ts";

test("what came in is one line, and each way of losing something one more", () => {
  const counts = {
    exports: { taken: 1, refused: 0 },
    refusals: {},
    spans: { taken: 12, rejected: 0 },
    outcomes: {},
    removed: {},
  };
  assert.deepEqual(ingestLines(counts, plain), [
    "  came in    12 spans in 1 export since the store started",
  ]);
  const lossy = {
    exports: { taken: 2, refused: 3 },
    refusals: { too_large: 1, malformed: 2 },
    spans: { taken: 1, rejected: 4 },
    outcomes: { text_cut: 5, span_id_invalid: 3, span_unreadable: 1, time_moved: 2 },
    removed: { link: 6, "span name": 7 },
  };
  assert.deepEqual(ingestLines(lossy, plain), [
    "  came in    1 span in 2 exports since the store started",
    "             refused: exports (3): too large (1), malformed (2)",
    "             refused: spans without valid ids (3), spans that cannot be read (1)",
    "             changed: texts longer than STACK_TEXT_LIMIT_BYTES, cut (5), times that cannot be, moved (2)",
    "             removed by the allow-list: link (6), span name (7)",
  ]);
});
