import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Automaton } from "./automaton.ts";
import { has } from "./character-set.ts";
import { rangeAutomaton } from "./number-range.ts";
import { formatNames, formatPattern } from "./text-format.ts";
import { patternAutomaton, writableCharacters } from "./text-pattern.ts";

const seed = 20_261_201;

function accepts({ states }: Automaton, text: string): boolean {
  let state = states[0];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const way = state?.next.find(({ characters }) => has(characters, point));
    state = way === undefined ? undefined : states[way.state];
  }
  return state?.isEnd ?? false;
}

/** A walk through the automaton; `choices` say where it turns. */
function walk({ states }: Automaton, choices: readonly number[]): string {
  let state = states[0];
  let text = "";
  for (const choice of choices) {
    const ways = state?.next ?? [];
    if (ways.length === 0 || (state?.isEnd && choice % 7 === 0)) {
      break;
    }
    const way = ways[choice % ways.length];
    const [from, to] = way?.characters[choice % way.characters.length] ?? [0, 0];
    text += String.fromCodePoint(from + (choice % (to - from + 1)));
    state = states[way?.state ?? 0];
  }
  return state?.isEnd ? text : "";
}

const patterns = [
  "^[a-z]+$",
  "^a|b$",
  "a|^b|c$",
  "^(a*)*$",
  "^(a|a)*b$",
  "^(a|ab)?(c|bcd)(d*)$",
  "^a{2,5}b{0}c?$",
  "^(ab){2,}$",
  "^[^a-z\\s]{1,3}$",
  "^\\w+@\\w+\\.\\w{2,}$",
  "^\\D\\S\\W$",
  "^.$",
  "^\\u00e9[\\u{1f600}-\\u{1f64f}]?$",
  "^(?:x|(?<n>y))+?z*?$",
  '^["\\\\/]+$',
  "^[\\n\\t ]*$",
  "^$",
  "foo.*bar",
  "^\\d{4}-\\d{2}-\\d{2}$",
];

test("a pattern's texts are those in which the pattern is found, both ways", () => {
  for (const pattern of patterns) {
    const automaton = patternAutomaton(pattern);
    assert.ok(automaton !== undefined, pattern);
    const found = new RegExp(pattern, "u");
    const writable = (text: string): boolean =>
      [...text].every((character) => has(writableCharacters, character.codePointAt(0) ?? 0));
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { maxLength: 30 }), (choices) => {
        const text = walk(automaton, choices);
        assert.ok(text === "" || found.test(text), `${pattern}: ${JSON.stringify(text)}`);
      }),
      { seed, numRuns: 200 },
    );
    const texts = fc.oneof(
      fc.stringMatching(found),
      fc.string({ unit: fc.constantFrom(...'abcdxyz01 @.-\n"é😀') }),
    );
    fc.assert(
      fc.property(texts.filter(writable), (text) => {
        assert.equal(
          accepts(automaton, text),
          found.test(text),
          `${pattern}: ${JSON.stringify(text)}`,
        );
      }),
      { seed, numRuns: 200 },
    );
  }
});

test("lengths count characters, beside a pattern", () => {
  const automaton = patternAutomaton("^(😀|ab)+$", { min: 2, max: 4 });
  assert.ok(automaton !== undefined);
  const texts = ["😀", "😀😀", "ab", "abab", "😀ab😀", "ababa", "ababab", "😀😀😀😀😀"];
  assert.deepEqual(
    texts.filter((text) => accepts(automaton, text)),
    ["😀😀", "ab", "abab", "😀ab😀"],
  );
});

const bound = fc.option(
  fc.record({
    value: fc.oneof(
      fc.integer({ min: -1200, max: 1200 }).map((value) => value / 8),
      fc.integer({ min: -30, max: 30 }),
      fc.constantFrom(0, 0.1, -0.1, 1e-7, 99.999, 1e20, -1e20),
    ),
    isExclusive: fc.boolean(),
  }),
  { nil: undefined },
);

test("a range has the numbers between its bounds, and no others", () => {
  fc.assert(
    fc.property(
      ...[bound, bound, fc.boolean()],
      fc.array(fc.nat(1_000_000), { maxLength: 18 }),
      fc.integer({ min: -2000, max: 2000 }),
      (from, to, isInteger, choices, thousandths) => {
        const automaton = rangeAutomaton({ isInteger, from, to });
        const isWithin = (value: number): boolean =>
          (from === undefined ||
            value > from.value ||
            (value === from.value && !from.isExclusive)) &&
          (to === undefined || value < to.value || (value === to.value && !to.isExclusive)) &&
          (!isInteger || Number.isInteger(value));
        const texts = [thousandths / 16, thousandths, from?.value ?? 0, to?.value ?? 0]
          .filter((value) => Math.abs(value) < 1e15)
          .map((value) => (Object.is(value, -0) ? "0" : String(value)))
          .filter((text) => !text.includes("e"));
        for (const text of texts) {
          const accepted = automaton !== undefined && accepts(automaton, text);
          assert.equal(accepted, isWithin(Number(text)), text);
        }
        const made = automaton === undefined ? "" : walk(automaton, choices);
        assert.ok(made === "" || isWithin(Number(made)), made);
        assert.ok(made === "" || JSON.stringify(JSON.parse(made)) !== "null", made);
      },
    ),
    { seed, numRuns: 3000 },
  );
});

const isValid: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => new Date(text).toISOString().startsWith(text),
  time: (text) => !Number.isNaN(Date.parse(`2026-12-01T${text}`)),
  "date-time": (text) => !Number.isNaN(Date.parse(text)),
  duration: (text) =>
    /^P(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?)$/.test(text),
  email: (text) => /^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/.test(text),
  hostname: (text) =>
    text.split(".").every((label) => /^(?=.{1,63}$)[a-z\d]([a-z\d-]*[a-z\d])?$/i.test(label)),
  ipv4: (text) => new URL(`http://${text}/`).hostname === text,
  ipv6: (text) => new URL(`http://[${text}]/`).hostname.startsWith("["),
  uuid: (text) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text),
  uri: (text) => URL.canParse(text),
};

test("every text of a format is valid by it", () => {
  assert.deepEqual(Object.keys(isValid).toSorted(), formatNames.toSorted());
  for (const name of formatNames) {
    const automaton = patternAutomaton(formatPattern(name) ?? "");
    assert.ok(automaton !== undefined);
    let texts = 0;
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 60 }), (choices) => {
        const text = walk(automaton, choices);
        texts += text === "" ? 0 : 1;
        assert.ok(text === "" || isValid[name]?.(text), `${name}: ${text}`);
      }),
      { seed, numRuns: 400 },
    );
    assert.ok(texts > 20, `${name}: ${texts} texts`);
  }
});
