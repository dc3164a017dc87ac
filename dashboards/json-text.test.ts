import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonText } from "./json-text.ts";

test("as much as fits stands on a line, but of a list one item", () => {
  const colour = { id: "color", value: { mode: "fixed", list: [1, 2], none: undefined } };
  const long = "x".repeat(150);
  assert.equal(
    jsonText({ panels: [colour, colour, { long, a: 1, b: [] }], empty: [], nothing: {} }),
    `{
  "panels": [
    { "id": "color", "value": { "mode": "fixed", "list": [1, 2] } },
    { "id": "color", "value": { "mode": "fixed", "list": [1, 2] } },
    {
      "long": "${long}",
      "a": 1, "b": []
    }
  ],
  "empty": [], "nothing": {}
}`,
  );
});

test("any value is read back as it was, and only a value alone on its line is longer", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = jsonText(value);
      // As JSON itself reads it back: it has one zero.
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      for (const line of text.split("\n").filter((one) => one.length > 160)) {
        assert.match(line, /^ *("(\\.|[^"\\])*": )?"(\\.|[^"\\])*",?$/);
      }
    }),
    { seed: 20_261_201, numRuns: 500 },
  );
});
