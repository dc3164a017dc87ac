import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StopStrings } from "./text-stream.ts";

function filter(pieces: readonly string[], stopStrings: readonly string[]) {
  const stream = new StopStrings(stopStrings);
  const deltas: string[] = [];
  for (const piece of pieces) {
    const { delta, stopped } = stream.push(piece);
    deltas.push(delta);
    if (stopped) {
      return { text: deltas.join("") + stream.flush(), stopped, deltas };
    }
  }
  return { text: deltas.join("") + stream.flush(), stopped: false, deltas };
}

/** The rule, the slow way: at the first character where stop strings end, cut off the longest. */
function naiveFilter(text: string, stopStrings: readonly string[]) {
  for (let end = 1; end <= text.length; end++) {
    const ending = stopStrings.filter((stop) => text.slice(0, end).endsWith(stop));
    const longest = Math.max(0, ...ending.map((stop) => stop.length));
    if (longest > 0) {
      return { text: text.slice(0, end - longest), stopped: true };
    }
  }
  return { text, stopped: false };
}

/** Few letters, so that stop strings and their beginnings come up all the time. */
const letters = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom("a", "b", "é", "🙂"), maxLength });

test("any split of any text gives what a search through the whole text gives", () => {
  const stopStrings = fc.array(letters(5), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(letters(4), { maxLength: 12 }), stopStrings, (pieces, stops) => {
      const meant = stops.filter((stop) => stop !== "");
      const { text, stopped } = filter(pieces, stops);
      assert.deepEqual({ text, stopped }, naiveFilter(pieces.join(""), meant));
    }),
    { seed: 4, numRuns: 2000 },
  );
});

test("nothing is held back longer than it can be the beginning of a stop string", () => {
  fc.assert(
    fc.property(fc.array(letters(4), { maxLength: 12 }), letters(5), (pieces, stop) => {
      const { deltas, stopped } = filter(pieces, [stop]);
      if (stopped) {
        return;
      }
      const given = deltas.join("");
      const held = pieces.join("").slice(given.length);
      assert.ok(held === "" || (stop.startsWith(held) && held.length < stop.length));
    }),
    { seed: 5, numRuns: 1000 },
  );
});

test("a stop string over several pieces, none of which leaks", () => {
  assert.deepEqual(filter(["one ", "EN", "D", " two"], ["END"]).deltas, ["one ", "", ""]);
});

test("a stop string at the very start leaves no text", () => {
  assert.deepEqual(filter(["EN", "D"], ["END"]), { text: "", stopped: true, deltas: ["", ""] });
});

test("half a stop string at the end is ordinary text", () => {
  assert.deepEqual(filter(["one EN"], ["END"]), {
    text: "one EN",
    stopped: false,
    deltas: ["one "],
  });
});

test("half a surrogate pair as a stop string cuts no character in two", () => {
  assert.equal(filter(["🙂🙃"], ["\uD83D", ""]).text, "🙂🙃");
});
