import type { DuckDBValue } from "@duckdb/node-api";
import { intrinsicTypes } from "../intrinsics.ts";
import { printField } from "../print-expression.ts";
import type { IntrinsicName } from "../syntax.ts";

export interface TagsOfScope {
  readonly name: string;
  /** Sorted. */
  readonly tags: readonly string[];
}

export interface TagNamesOptions {
  /** Null: all scopes. */
  readonly scope: string | null;
  /** In each scope, from the first by name on; 0: no limit. */
  readonly limit: number;
}

/** Which names a query can use: the attributes that were ever seen, and the intrinsics. */
export async function tagNames(
  { scope, limit }: TagNamesOptions,
  run: (sql: string) => Promise<DuckDBValue[][]>,
): Promise<TagsOfScope[]> {
  const [scopes = [], keys = []] = await run(
    "SELECT DISTINCT scope, key FROM attribute_catalog ORDER BY scope, key",
  );
  const byScope = Map.groupBy(scopes.keys(), (row) => String(scopes[row]));
  const found: TagsOfScope[] = [...byScope].map(([name, rows]) => ({
    name,
    tags: [...rows].map((row) => String(keys[row])),
  }));
  return [...found, { name: "intrinsic", tags: intrinsicTags() }]
    .filter(({ name }) => scope === null || name === scope)
    .map(({ name, tags }) => ({ name, tags: limit > 0 ? tags.slice(0, limit) : tags }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** In the spelling of Tempo's answers. */
function intrinsicTags(): string[] {
  return (Object.keys(intrinsicTypes) as IntrinsicName[])
    .filter((name) => !name.startsWith("nestedSet"))
    .map((name) => printField({ type: "intrinsic", name }))
    .sort();
}
