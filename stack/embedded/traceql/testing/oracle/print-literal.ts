import type { Literal } from "../../syntax.ts";

/** How a string in double quotes has what is no ASCII. */
export type Escapes = "none" | "hex" | "octal" | "unicode";

export function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case "string":
      return quoted(literal.value);
    case "float":
      return Number.isInteger(literal.value) ? `${literal.value}.0` : String(literal.value);
    case "duration":
      return printDuration(literal.nanoseconds);
    case "nil":
      return "nil";
    case "int":
      return literal.value === -(2n ** 63n) ? "minInt" : String(literal.value);
    default:
      return String(literal.value);
  }
}

function printDuration(nanoseconds: bigint): string {
  if (nanoseconds !== 0n && nanoseconds % 1_000_000n === 0n) {
    const milliseconds = nanoseconds / 1_000_000n;
    return milliseconds % 500n === 0n ? `${Number(milliseconds) / 1000}s` : `${milliseconds}ms`;
  }
  return `${nanoseconds}ns`;
}

/** With Go's escapes. */
export function quoted(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replace(/\p{Cc}/gu, (control) => {
    const code = control.charCodeAt(0).toString(16).padStart(2, "0");
    return control === "\n" ? "\\n" : `\\x${code}`;
  });
  return `"${escaped}"`;
}

/** The text with what is no ASCII as escapes: of bytes in UTF-8, or of UTF-16 and longer characters. */
export function escaped(text: string, escapes: Escapes): string {
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
