import { wordsOf } from "./words.ts";

/** The UCUM units that names end with. */
const unitByWord: Readonly<Record<string, string>> = {
  ns: "ns",
  nanos: "ns",
  nanoseconds: "ns",
  us: "us",
  micros: "us",
  microseconds: "us",
  ms: "ms",
  millis: "ms",
  milliseconds: "ms",
  s: "s",
  sec: "s",
  secs: "s",
  seconds: "s",
  minutes: "min",
  hours: "h",
  bytes: "By",
  percent: "%",
  ratio: "1",
  tokens: "{token}",
};

/** Plural or not, these count nothing. */
const noPlural = /(?:ss|us|is|as|os)$|^(?:status|news|series|class|https?|dns|tls|css|js|os)$/;

/** Words behind a plural that belong to it: `items.sold`, `tokens.in`. */
const maxWordsBehind = 1;

/**
 * The unit that a number's name tells of, or undefined: `_ms`, `_seconds`, `.count`, or a plural, which is
 * counted.
 */
export function guessUnit(key: string, type: "int" | "double"): string | undefined {
  const words = wordsOf(key);
  const last = words.at(-1) ?? "";
  const known = Object.hasOwn(unitByWord, last) ? unitByWord[last] : undefined;
  if (known !== undefined) {
    return known;
  }
  if (type === "double") {
    return undefined;
  }
  if (last === "size" && /body|payload|message|file|content/.test(key)) {
    return "By";
  }
  for (const word of words.slice(-1 - maxWordsBehind).reverse()) {
    if (/^(?:count|number|total|length)$/.test(word)) {
      return "{count}";
    }
    if (/^(?:id|index|port|code|version|line|limit|attempt)$/.test(word)) {
      return undefined;
    }
    if (/^[a-z]{3,}s$/.test(word) && !noPlural.test(word)) {
      return Object.hasOwn(unitByWord, word) ? unitByWord[word] : `{${singular(word)}}`;
    }
  }
  return undefined;
}

/** A name without the word at its end that is its unit. */
export function withoutUnit(name: string, unit: string | undefined): string {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  const isUnit = unit !== undefined && Object.hasOwn(unitByWord, last) && unitByWord[last] === unit;
  return isUnit && words.length > 1 && !/^[1{]/.test(unit) ? words.slice(0, -1).join(" ") : name;
}

function singular(word: string): string {
  if (word.endsWith("ies")) {
    return `${word.slice(0, -3)}y`;
  }
  return /(?:ch|sh|ss|x)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
}
