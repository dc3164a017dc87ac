import { type IntrinsicName, intrinsicTypes } from "#traceql";
import { printField } from "../print-expression.ts";
import { type Overlap, storedRangeOf, type TimeRange } from "../search/time-range.ts";
import { everySpan } from "./complete-matchers.ts";
import { type NamedColumns, namesOfSpansSql } from "./names-of-spans.ts";
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
  const { overlap } = storedRangeOf(options, input.bounds);
  const stages = await input.matchersOf(options.query ?? "");
  return stages === null
    ? namesOfCatalogSql(options, { ...input, overlap })
    : namesOfSpansSql({ stages, condition: overlap?.inside ?? "true" }, input);
}

const hourNs = 3_600_000_000_000n;

function namesOfCatalogSql(
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
  const ofBefore = namesOfSpansSql({ stages: everySpan, condition }, input);
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
