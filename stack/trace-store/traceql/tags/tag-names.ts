import { type IntrinsicName, intrinsicTypes, type Stage } from "#traceql";
import type { AttributeColumn } from "../../store/index.ts";
import { keptRows } from "../plan/kept-rows.ts";
import { Statement } from "../plan/statement.ts";
import { textSql } from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { printField } from "../print-expression.ts";
import { computeStoredRange, type Overlap, type TimeRange } from "../search/time-range.ts";
import { everySpan } from "./complete-matchers.ts";
import type { TagsInput } from "./tag-values.ts";

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
  /** Only names on spans that the query keeps, as far as it is complete; null: on any. */
  readonly query: string | null;
}

type TagNamesInput = TagsInput & NamedColumns;

/**
 * Which names a query can use: the attributes that were seen, and the intrinsics. Without a query the
 * catalogue says it, to the hour; with one the spans themselves do.
 * @throws QueryError for what is complete of the query and cannot be planned.
 */
export async function tagNames(
  options: TagNamesOptions,
  input: TagNamesInput,
): Promise<TagsOfScope[]> {
  const { scope, limit } = options;
  const [scopes = [], keys = []] =
    scope === "intrinsic" ? [] : await input.run(await namesSql(options, input));
  const byScope = Map.groupBy(scopes.keys(), (row) => String(scopes[row]));
  const found: TagsOfScope[] = [...byScope].map(([name, rows]) => {
    const tags = [...rows].map((row) => String(keys[row]));
    return { name, tags: limit > 0 ? tags.slice(0, limit) : tags };
  });
  return [...found, { name: "intrinsic", tags: intrinsicTags() }]
    .filter(({ name }) => scope === null || name === scope)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function namesSql(options: TagNamesOptions, input: TagNamesInput): Promise<string> {
  const { overlap } = computeStoredRange(options, input.bounds);
  const stages = await input.parseMatchers(options.query ?? "");
  return stages === null
    ? catalogNamesSql(options, { ...input, overlap })
    : spanNamesSql({ stages, condition: overlap?.inside ?? "true" }, input);
}

const hourNs = 3_600_000_000_000n;

function catalogNamesSql(
  { startNs, endNs }: TimeRange,
  { overlap, ...input }: NamedColumns & { readonly overlap: Overlap | null },
): string {
  const bounds = [
    ...(startNs === null ? [] : [`hour_start_ns > ${startNs - hourNs}`]),
    ...(endNs === null ? [] : [`hour_start_ns <= ${endNs}`]),
  ];
  const where = bounds.length === 0 ? "" : ` WHERE ${bounds.join(" AND ")}`;
  const ofCatalog = `SELECT DISTINCT scope, key FROM attribute_catalog${where}`;
  if (startNs === null || overlap?.before == null) {
    return `${ofCatalog} ORDER BY scope, key`;
  }
  // The catalogue knows when spans started, but not how long they took.
  const condition = `s.start_ns < ${startNs} AND ${overlap.inside}`;
  const ofBefore = spanNamesSql({ stages: everySpan, condition }, input);
  return `${ofCatalog} UNION (${ofBefore}) ORDER BY scope, key`;
}

/** In both spellings, as Tempo lists them. */
function intrinsicTags(): string[] {
  const names = (Object.keys(intrinsicTypes) as IntrinsicName[]).filter(
    (name) => !name.startsWith("nestedSet"),
  );
  const older = names.map((name) => printField({ type: "intrinsic", name }));
  return [...new Set([...names, ...older])].sort();
}

interface NamedColumns {
  readonly vocabulary: Vocabulary;
  readonly columns: readonly AttributeColumn[];
}

/** Rows of scope and key: each attribute that a span has which the stages and the condition on `s` keep, sorted. */
function spanNamesSql(
  { stages, condition }: { readonly stages: readonly Stage[]; readonly condition: string },
  { vocabulary, columns }: NamedColumns,
): string {
  const statement = new Statement();
  const { rows, where } = keptRows(stages, { statement, vocabulary });
  const spans = statement.add(rows.select("s.*", `WHERE ${where} AND ${condition}`));
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
