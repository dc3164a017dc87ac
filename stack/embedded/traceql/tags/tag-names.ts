import type { DuckDBValue } from "@duckdb/node-api";
import type { AttributeColumn } from "../../store/index.ts";
import { intrinsicTypes } from "../intrinsics.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { printField } from "../print-expression.ts";
import type { IntrinsicName } from "../syntax.ts";
import { namesOfSpansSql } from "./names-of-spans.ts";

export interface TagsOfScope {
  readonly name: string;
  /** Sorted. */
  readonly tags: readonly string[];
}

export interface TagNamesOptions {
  /** Null: all scopes. */
  readonly scope: string | null;
  /** In each scope of attributes, from the first by name on; 0: no limit. */
  readonly limit: number;
  /** Only names on spans that this query keeps; null: on any. */
  readonly query: string | null;
  /** Both null: whenever they were seen. */
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
}

export interface TagNamesInput {
  readonly vocabulary: Vocabulary;
  readonly columns: readonly AttributeColumn[];
  readonly run: (sql: string) => Promise<DuckDBValue[][]>;
}

/**
 * Which names a query can use: the attributes that were seen, and the intrinsics. Without a query the
 * catalogue says it, to the hour; with one the spans themselves do.
 * @throws QueryError for the query's faults.
 */
export async function tagNames(
  options: TagNamesOptions,
  { vocabulary, columns, run }: TagNamesInput,
): Promise<TagsOfScope[]> {
  const { scope, limit, query } = options;
  const sql =
    query === null
      ? namesOfCatalogSql(options)
      : namesOfSpansSql({ ...options, query }, vocabulary, columns);
  const [scopes = [], keys = []] = scope === "intrinsic" ? [] : await run(sql);
  const byScope = Map.groupBy(scopes.keys(), (row) => String(scopes[row]));
  const found: TagsOfScope[] = [...byScope].map(([name, rows]) => {
    const tags = [...rows].map((row) => String(keys[row]));
    return { name, tags: limit > 0 ? tags.slice(0, limit) : tags };
  });
  return [...found, { name: "intrinsic", tags: intrinsicTags() }]
    .filter(({ name }) => scope === null || name === scope)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

const hourNs = 3_600_000_000_000n;

function namesOfCatalogSql({ startNs, endNs }: TagNamesOptions): string {
  const bounds = [
    ...(startNs === null ? [] : [`hour_start_ns > ${startNs - hourNs}`]),
    ...(endNs === null ? [] : [`hour_start_ns <= ${endNs}`]),
  ];
  const where = bounds.length === 0 ? "" : ` WHERE ${bounds.join(" AND ")}`;
  return `SELECT DISTINCT scope, key FROM attribute_catalog${where} ORDER BY scope, key`;
}

/** In both spellings, as Tempo lists them. */
function intrinsicTags(): string[] {
  const names = (Object.keys(intrinsicTypes) as IntrinsicName[]).filter(
    (name) => !name.startsWith("nestedSet"),
  );
  const older = names.map((name) => printField({ type: "intrinsic", name }));
  return [...new Set([...names, ...older])].sort();
}
