import type { Stage } from "#traceql";
import type { AttributeColumn } from "../../store/index.ts";
import { keptRows } from "../plan/kept-rows.ts";
import { textSql } from "../plan/sql-text.ts";
import { Statement } from "../plan/statement.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";

export interface NamedColumns {
  readonly vocabulary: Vocabulary;
  readonly columns: readonly AttributeColumn[];
}

/** Rows of scope and key: each attribute that a span has which the stages and the condition on `s` keep, sorted. */
export function namesOfSpansSql(
  { stages, condition }: { readonly stages: readonly Stage[]; readonly condition: string },
  { vocabulary, columns }: NamedColumns,
): string {
  const statement = new Statement();
  const { rows, where } = keptRows(stages, { statement, vocabulary });
  const spans = statement.add(`SELECT s.* FROM ${rows.from} WHERE ${where} AND ${condition}`);
  const names = statement.add(
    [
      keysSql("span", `SELECT DISTINCT attributes FROM ${spans}`),
      ...columns.map((column) => columnSql(column, spans)),
      keysSql("resource", sharedSql("resources", "resource_id", spans)),
      keysSql("instrumentation", sharedSql("scopes", "scope_id", spans)),
      keysSql("event", membersSql("events", spans)),
      keysSql("link", membersSql("links", spans)),
    ].join(" UNION "),
  );
  return statement.select(`SELECT scope, key FROM ${names} ORDER BY scope, key`);
}

function keysSql(scope: string, attributes: string): string {
  return `SELECT '${scope}' AS scope, unnest(json_keys(attributes)) AS key FROM (${attributes}) WHERE attributes IS NOT NULL`;
}

/** The contract's attributes have columns, which are not among the keys of the JSON. */
function columnSql({ name, key }: AttributeColumn, spans: string): string {
  const column = `"${name.replaceAll('"', '""')}"`;
  return `SELECT 'span', ${textSql(key)} WHERE EXISTS (SELECT 1 FROM ${spans} WHERE ${column} IS NOT NULL)`;
}

function sharedSql(table: string, id: string, spans: string): string {
  return `SELECT attributes FROM ${table} WHERE id IN (SELECT ${id} FROM ${spans})`;
}

function membersSql(list: string, spans: string): string {
  return `SELECT json_extract(member, '/attributes') AS attributes FROM (SELECT unnest(json_extract(CAST(${list} AS JSON), '$[*]')) AS member FROM ${spans} WHERE ${list} IS NOT NULL)`;
}
