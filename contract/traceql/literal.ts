/** How TraceQL writes values. */

const shortEscapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** What must not stand in a quoted string as it is. */
const escaped = /[\\"\p{Cc}\u2028\u2029]/gu;

/** A string in double quotes, with Go's escapes. */
export function quoted(text: string): string {
  const body = text.replace(
    escaped,
    (character) =>
      shortEscapes[character] ??
      `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  return `"${body}"`;
}

/** A pattern between backticks, where a backslash is one, so that it can be read as it was written. */
export function quotedPattern(source: string): string {
  return source.includes("`") ? quoted(source) : `\`${source}\``;
}

/**
 * A number without an exponent, which not every reader of TraceQL takes.
 * @throws RangeError for what is no finite number.
 */
export function decimal(value: number): string {
  if (!Number.isFinite(value)) {
    throw new RangeError(`TraceQL has no ${value}: give a finite number.`);
  }
  const [digits = "", exponent] = String(value).split("e");
  if (exponent === undefined) {
    return digits;
  }
  const sign = digits.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = digits.replace("-", "").split(".");
  const point = whole.length + Number(exponent);
  const all = whole + fraction;
  return point > 0 ? `${sign}${all.padEnd(point, "0")}` : `${sign}0.${"0".repeat(-point)}${all}`;
}

/**
 * A number for an attribute that holds integers: TraceQL finds none with `5.0` or `5.5`.
 * @throws RangeError for a fraction.
 */
export function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is compared with an integer attribute: give a whole number.`);
  }
  return String(value);
}

/** The name of an attribute behind its scope: quoted where it is more than words and dots. */
export function attributeName(scope: "span" | "resource", key: string): string {
  return `${scope}.${/^[\w.]+$/.test(key) ? key : quoted(key)}`;
}
