/**
 * Values are written into the statement and not bound, because only constants let DuckDB skip the
 * parts of the table that cannot hold them.
 */

/** A string as SQL text. DuckDB knows no escapes but the doubled quote; a NUL would end the text. */
export function textSql(value: string): string {
  const parts = value
    .toWellFormed()
    .split("\0")
    .map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(" || chr(0) || ")})`;
}

export function intSql(value: bigint): string {
  return `CAST(${value} AS BIGINT)`;
}

export function doubleSql(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}

/** The place of a member in a JSON text: a JSON pointer, which any key can be in. */
export function pointerSql(...keys: readonly string[]): string {
  const pointer = keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return textSql(pointer.join(""));
}

/** Whether the whole of a text fits a regular expression; a point fits an end of line, too. */
export function re2Sql(text: string, pattern: string): string {
  return `regexp_full_match(${text}, ${textSql(inOlderForm(pattern))}, 's')`;
}

/** RE2 of before 2023, which the database has, knows named groups as `(?P<name>` only. */
function inOlderForm(pattern: string): string {
  return pattern.replace(patternParts, (part) => (part === "(?<" ? "(?P<" : part));
}

/** What is quoted, escaped or a class of characters, in which a group cannot begin; and a named group. */
const patternParts =
  /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]?|\(\?<(?![=!])/g;

/**
 * A calculated time or duration as the columns hold them: beyond 64 bits it stands still. NULL stays
 * NULL, of which `least` and `greatest` know nothing.
 */
export function clampedSql(sql: string): string {
  const clamped = `greatest(-9223372036854775808, least(9223372036854775807, ${sql}))`;
  return `CASE WHEN (${sql}) IS NOT NULL THEN CAST(${clamped} AS BIGINT) END`;
}
