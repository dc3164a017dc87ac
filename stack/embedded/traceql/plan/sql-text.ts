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
