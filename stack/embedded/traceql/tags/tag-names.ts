import type { DuckDBValue } from "@duckdb/node-api";
import type { AttributeColumn, SpanBounds } from "../../store/index.ts";
import { intrinsicTypes } from "../intrinsics.ts";
import { parseQuery } from "../parser.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { printField } from "../print-expression.ts";
import { storedRangeOf, type TimeRange } from "../search/time-range.ts";
import type { IntrinsicName } from "../syntax.ts";
import { namesOfSpansSql } from "./names-of-spans.ts";

export interface TagsOfScope {
  readonly name: string;
  /** Sorted. */
  readonly tags: readonly string[];
}

/** Only names on spans that overlap the range. */
export interface TagNamesOptions extends TimeRange {
  /** Null: all scopes. */
  readonly scope: string | null;
  /** In each scope of attributes, from the first by name on; 0: no limit. */
  readonly limit: number;
  /** Only names on spans that this query keeps; null: on any. */
  readonly query: string | null;
}

export interface TagNamesInput {
  readonly vocabulary: Vocabulary;
  readonly columns: readonly AttributeColumn[];
  /** Of all spans that are stored; null: there are none. */
  readonly bounds: SpanBounds | null;
  readonly run: (sql: string) => Promise<DuckDBValue[][]>;
}

/**
 * Which names a query can use: the attributes that were seen, and the intrinsics. Without a query the
 * catalogue says it, to the hour; with one the spans themselves do.
 * @throws QueryError for the query's faults.
 */
export async function tagNames(
  options: TagNamesOptions,
  input: TagNamesInput,
): Promise<TagsOfScope[]> {
  const { scope, limit } = options;
  const [scopes = [], keys = []] =
    scope === "intrinsic" ? [] : await input.run(namesSql(options, input));
  const byScope = Map.groupBy(scopes.keys(), (row) => String(scopes[row]));
  const found: TagsOfScope[] = [...byScope].map(([name, rows]) => {
    const tags = [...rows].map((row) => String(keys[row]));
    return { name, tags: limit > 0 ? tags.slice(0, limit) : tags };
  });
  return [...found, { name: "intrinsic", tags: intrinsicTags() }]
    .filter(({ name }) => scope === null || name === scope)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function namesSql(
  options: TagNamesOptions,
  { vocabulary, columns, bounds }: TagNamesInput,
): string {
  const { query, startNs } = options;
  const { overlap } = storedRangeOf(options, bounds);
  const inside = overlap?.inside ?? "true";
  const { stages } = parseQuery(query ?? "{ }");
  if (query !== null) {
    return namesOfSpansSql({ stages, condition: inside }, vocabulary, columns);
  }
  const ofCatalog = namesOfCatalogSql(options);
  if (startNs === null || overlap?.before == null) {
    return `${ofCatalog} ORDER BY scope, key`;
  }
  // The catalogue knows when spans started, but not how long they took.
  const condition = `s.start_ns < ${startNs} AND ${inside}`;
  const ofBefore = namesOfSpansSql({ stages, condition }, vocabulary, columns);
  return `${ofCatalog} UNION (${ofBefore}) ORDER BY scope, key`;
}

const hourNs = 3_600_000_000_000n;

function namesOfCatalogSql({ startNs, endNs }: TimeRange): string {
  const bounds = [
    ...(startNs === null ? [] : [`hour_start_ns > ${startNs - hourNs}`]),
    ...(endNs === null ? [] : [`hour_start_ns <= ${endNs}`]),
  ];
  const where = bounds.length === 0 ? "" : ` WHERE ${bounds.join(" AND ")}`;
  return `SELECT DISTINCT scope, key FROM attribute_catalog${where}`;
}

/** In both spellings, as Tempo lists them. */
function intrinsicTags(): string[] {
  const names = (Object.keys(intrinsicTypes) as IntrinsicName[]).filter(
    (name) => !name.startsWith("nestedSet"),
  );
  const older = names.map((name) => printField({ type: "intrinsic", name }));
  return [...new Set([...names, ...older])].sort();
}
