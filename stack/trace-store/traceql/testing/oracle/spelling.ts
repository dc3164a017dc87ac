import {
  type Field,
  type Literal,
  olderSpelling,
  type PrintStyle,
  printLiteral,
  printQuery,
  type Query,
} from "#traceql";

/** Which of several spellings a query gets: all mean the same. */
export interface Spelling {
  /** Parentheses also where the binding of operators makes them needless. */
  readonly isExplicit: boolean;
  /** `name` and `duration`, backticks, no spaces within braces. */
  readonly isOlder: boolean;
  /** Without the `{ }` of all spans before `count() > 1`, `by(…)` and `select(…)`. */
  readonly isShort: boolean;
  readonly escapes: Escapes;
}

/** How a string in double quotes has what is no ASCII. */
export type Escapes = "none" | "hex" | "octal" | "unicode";

/** The text of a syntax tree, from which the same tree is read again. */
export function spelled(query: Query, spelling: Spelling): string {
  return printQuery(query, toPrintStyle(spelling));
}

function toPrintStyle({ isExplicit, isOlder, isShort, escapes }: Spelling): PrintStyle {
  return {
    field: (field) => printField(field, isOlder),
    literal: (literal) =>
      literal.type === "string" && isOlder && !literal.value.includes("`")
        ? `\`${literal.value}\``
        : escaped(printed(literal), escapes),
    padding: isOlder ? "" : " ",
    isShort,
    parentheses: isExplicit ? "everywhere" : "needed",
  };
}

function printField(field: Field, isOlder: boolean): string {
  if (field.type === "intrinsic") {
    return isOlder ? olderSpelling(field.name) : field.name;
  }
  const isBare = /^[\w.ü]+$/.test(field.name);
  const name = isBare ? field.name : printLiteral({ type: "string", value: field.name });
  return field.scope === "any" ? `.${name}` : `${field.scope}.${name}`;
}

/** Floats with an exponent and durations with a fraction, which generated queries never have. */
function printed(literal: Literal): string {
  switch (literal.type) {
    case "float":
      return Number.isInteger(literal.value) ? `${literal.value}.0` : String(literal.value);
    case "duration":
      return literal.nanoseconds !== 0n && literal.nanoseconds % 500_000_000n === 0n
        ? `${Number(literal.nanoseconds) / 1e9}s`
        : printLiteral(literal);
    default:
      return printLiteral(literal);
  }
}

/** The text with what is no ASCII as escapes: of bytes in UTF-8, or of UTF-16 and longer characters. */
function escaped(text: string, escapes: Escapes): string {
  return text.replace(/[^\0-\x7f]/gu, (character) => {
    const bytes = [...Buffer.from(character)];
    const code = (character.codePointAt(0) ?? 0).toString(16);
    switch (escapes) {
      case "none":
        return character;
      case "hex":
        return bytes.map((byte) => `\\x${byte.toString(16)}`).join("");
      case "octal":
        return bytes.map((byte) => `\\${byte.toString(8)}`).join("");
      case "unicode":
        return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
      default:
        return escapes satisfies never;
    }
  });
}
