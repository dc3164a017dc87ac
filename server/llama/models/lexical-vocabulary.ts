import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stemOf } from "./word-stem.ts";

/**
 * The vocabulary of the generated embedding model, of BERT's WordPiece kind. A text is split at blanks
 * and signs, and each word greedily into the longest pieces that are there. Which meaning a piece has,
 * and how much it weighs, is decided here; the model only adds it up.
 */

/** llama.cpp's mark for the beginning of a word. */
const wordStart = "\u2581";

/** The numbers that GGUF gives to the kinds of tokens. */
const tokenKinds = { normal: 1, unknown: 2, control: 3 } as const;

export interface LexicalPiece {
  readonly token: string;
  readonly kind: number;
  /** Pieces with the same meaning get the same vector. */
  readonly meaning: string;
  /** From 0 to 1: how much the piece says about what a text is about. */
  readonly weight: number;
}

/** The special tokens come first, in this order. */
export const specialTokens = {
  padding: 0,
  unknown: 1,
  beginning: 2,
  separator: 3,
  mask: 4,
} as const;

/** Words that say nothing about what a text is about. */
const emptyWords = new Set(
  `a about after all also am an and any are as at be been being but by can could did do does for from
  get gets give given had has have he her here his how i if in into is it its just like make makes may
  me might more most much my no nor not of on one only or other our out over own say says she should
  so some such than that the their them then there these they thing this those to too under up us use
  used uses very want was way we were what when where which while who whom why will with within would
  you your`.split(/\s+/),
);

/** Endings that change a word's form and not its meaning. */
const endings = ["s", "es", "d", "ed", "er", "ers", "r", "rs", "ing", "ings", "ly", "ion", "ions"];

/** So many of the most frequent words are also known inside of others, as in "tracestate". */
const maxInnerWords = 3000;

/** From the most frequent to the rarest, as the tokenizer of SmolLM2 (Apache-2.0) ranks them. */
function readWords(): string[] {
  return readFileSync(join(import.meta.dirname, "lexical-words.txt"), "utf8")
    .trim()
    .split(/\s+/);
}

export function lexicalVocabulary(): LexicalPiece[] {
  const pieces = new Map<string, LexicalPiece>();
  const add = (
    token: string,
    meaning: string,
    weight: number,
    kind: number = tokenKinds.normal,
  ) => {
    if (!pieces.has(token)) pieces.set(token, { token, kind, meaning, weight });
  };
  for (const name of ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]) {
    add(name, name, 0, name === "[UNK]" ? tokenKinds.unknown : tokenKinds.control);
  }
  const words = readWords();
  for (const word of emptyWords) add(wordStart + word, word, 0);
  words.forEach((word, rank) => {
    const stem = stemOf(word);
    add(wordStart + word, stem, weightOf(rank, words.length));
    // "caching" is no word of the list, but what it begins with is one without its last letter.
    if (/[^aeiou][ey]$/.test(word) && word.length > 4) {
      add(wordStart + stem, stem, weightOf(rank, words.length));
    }
  });
  for (const ending of endings) add(ending, ending, 0);
  words.forEach((word, rank) => {
    if (word.length > 3 && rank < maxInnerWords)
      add(word, stemOf(word), weightOf(rank, words.length));
  });
  for (const [fragment, weight] of fragments()) {
    add(wordStart + fragment, `${wordStart}${fragment}`, weight);
    add(fragment, fragment, weight);
  }
  return [...pieces.values()];
}

/** A word that is in every text tells texts apart badly. Rounded: logarithms differ in the last bit. */
function weightOf(rank: number, count: number): number {
  const share = Math.log(1 + rank / 30) / Math.log(1 + count / 30);
  return Math.round((0.1 + 0.9 * share) * 100) / 100;
}

/** What words that are not in the list are made of, and numbers. Signs say nothing. */
function fragments(): [fragment: string, weight: number][] {
  const letters = Array.from("abcdefghijklmnopqrstuvwxyz");
  const digits = Array.from("0123456789");
  const signs = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter(
    (sign) => !/[A-Za-z0-9]/.test(sign),
  );
  const pairs = (from: string[]) => from.flatMap((first) => from.map((second) => first + second));
  return [
    ...pairs(letters).map((pair) => [pair, 0.6] as [string, number]),
    ...pairs(digits).map((pair) => [pair, 0.8] as [string, number]),
    ...letters.map((letter) => [letter, 0.2] as [string, number]),
    ...digits.map((digit) => [digit, 0.4] as [string, number]),
    ...signs.map((sign) => [sign, 0] as [string, number]),
  ];
}
