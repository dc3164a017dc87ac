import { type AST, RegExpParser } from "@eslint-community/regexpp";
import { type Automaton, AutomatonBuilder, type TextLength } from "./automaton.ts";
import {
  anyCharacter,
  type CharacterSet,
  characters,
  charactersOf,
  without,
} from "./character-set.ts";

/** What the texts of JSON strings may have in a grammar: all but control characters without a short escape. */
export const writableCharacters: CharacterSet = characters(
  ...charactersOf("\b\t\n\f\r"),
  [0x20, 0x7e],
  [0xa0, 0xd7ff],
  [0xe000, 0xfffd],
  [0x10000, 0x10ffff],
);

/** A pattern that is faulty or says what an automaton cannot. The message repeats nothing of it. */
export class PatternRefused extends Error {
  override readonly name = "PatternRefused";
}

/**
 * The texts in which a pattern is found: ECMA-262's regular expressions, which JSON Schema takes,
 * without what looks around or back. As there, a pattern need not cover the whole text: `^` and `$`
 * ask for that.
 *
 * Read with a library's parser. The automaton is our own: of the libraries that make one, refa 0.12
 * does not take `^` and `$` inside, and bounds neither time nor lengths.
 *
 * @throws PatternRefused, AutomatonTooLarge
 */
export function patternAutomaton(pattern: string, length?: TextLength): Automaton | undefined {
  const writer = new PatternWriter();
  writer.write(parse(pattern));
  return writer.builder.toAutomaton(writableCharacters, length);
}

/** JSON Schema asks for Unicode's mode; without it, more patterns that people write are taken. */
function parse(pattern: string): AST.Pattern {
  const parser = new RegExpParser({ ecmaVersion: 2025 });
  for (const unicode of [true, false]) {
    try {
      return parser.parsePattern(pattern, 0, pattern.length, { unicode });
    } catch {
      // Its message repeats the pattern.
    }
  }
  throw new PatternRefused("A pattern is not a regular expression of ECMA-262.");
}

class PatternWriter {
  readonly builder = new AutomatonBuilder();

  write({ alternatives }: AST.Pattern): void {
    const { builder } = this;
    const [first, last] = [builder.node(), builder.node()];
    // Apart from the ends, so that ^ and $ are looked for only there.
    const [before, after] = [builder.node(), builder.node()];
    builder.skip(builder.start, first);
    builder.read(builder.start, anyCharacter, before);
    builder.read(before, anyCharacter, before);
    builder.skip(before, first);
    this.#alternatives(alternatives, first, last);
    builder.skip(last, builder.end);
    builder.read(last, anyCharacter, after);
    builder.read(after, anyCharacter, after);
    builder.skip(after, builder.end);
  }

  #alternatives(alternatives: readonly AST.Alternative[], from: number, to: number): void {
    for (const { elements } of alternatives) {
      let here = from;
      for (const element of elements) {
        here = this.#element(element, here);
      }
      this.builder.skip(here, to);
    }
  }

  /** @returns where the text goes on behind the element */
  #element(element: AST.Element, from: number): number {
    const to = this.builder.node();
    switch (element.type) {
      case "Character":
        this.builder.read(from, [[element.value, element.value]], to);
        return to;
      case "CharacterSet":
        this.builder.read(from, readSet(element), to);
        return to;
      case "CharacterClass":
        this.builder.read(from, readClass(element), to);
        return to;
      case "Group":
      case "CapturingGroup":
        this.#alternatives(element.alternatives, from, to);
        return to;
      case "Quantifier":
        this.#repeat(element, from, to);
        return to;
      case "Assertion":
        this.#assert(element, from, to);
        return to;
      default:
        throw new PatternRefused(
          `A pattern with a ${element.type.toLowerCase()} is not supported.`,
        );
    }
  }

  #repeat({ element, min, max }: AST.Quantifier, from: number, to: number): void {
    let here = from;
    for (let count = 0; count < min; count++) {
      here = this.#element(element, here);
    }
    if (max === Number.POSITIVE_INFINITY) {
      // A node of its own: what comes before must not be entered again from inside.
      const again = this.builder.node();
      this.builder.skip(here, again);
      this.builder.skip(this.#element(element, again), again);
      this.builder.skip(again, to);
      return;
    }
    this.builder.skip(here, to);
    for (let count = min; count < max; count++) {
      here = this.#element(element, here);
      this.builder.skip(here, to);
    }
  }

  #assert(assertion: AST.Assertion, from: number, to: number): void {
    if (assertion.kind !== "start" && assertion.kind !== "end") {
      throw new PatternRefused(`A pattern with a ${assertion.kind} assertion is not supported.`);
    }
    this.builder.skip(from, to, assertion.kind);
  }
}

const digits = characters([0x30, 0x39]);
const wordCharacters = characters(...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]);
const lineEnds = charactersOf("\n\r\u2028\u2029");
const spaces = charactersOf(
  "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
);

function readSet(element: AST.CharacterSet): CharacterSet {
  switch (element.kind) {
    case "any":
      return without(anyCharacter, lineEnds);
    case "digit":
      return negated(digits, element.negate);
    case "space":
      return negated(spaces, element.negate);
    case "word":
      return negated(wordCharacters, element.negate);
    default:
      throw new PatternRefused("A pattern with a property of Unicode is not supported.");
  }
}

function readClass({ elements, negate }: AST.CharacterClass): CharacterSet {
  const sets = elements.map((element): CharacterSet => {
    switch (element.type) {
      case "Character":
        return [[element.value, element.value]];
      case "CharacterClassRange":
        return [[element.min.value, element.max.value]];
      case "CharacterSet":
        return readSet(element);
      default:
        throw new PatternRefused("A pattern with nested character classes is not supported.");
    }
  });
  return negated(characters(...sets.flat()), negate);
}

function negated(set: CharacterSet, isNegated: boolean): CharacterSet {
  return isNegated ? without(anyCharacter, set) : set;
}
