import type { DuckDBValue } from "@duckdb/node-api";
import { re2Sql } from "./plan/sql-text.ts";
import { QueryError } from "./query-error.ts";
import type { Expression, Query, Stage } from "./syntax.ts";

type Run = (sql: string) => Promise<DuckDBValue[][]>;
type Literal = Extract<Expression, { type: "literal" }>;

/** More than anybody has in use; of longer ones a thousand would be much memory. */
const mostRemembered = 1_000;
const longestRemembered = 1_000;

/**
 * Makes the check of a query's regular expressions, whatever is stored. The database alone knows the
 * whole of RE2, so it is asked once for each.
 */
export function patternCheck(): (query: Query | readonly Stage[], run: Run) => Promise<void> {
  const valid = new Set<string>();
  return async (query, run) => {
    for (const { literal, at } of patternsIn(query)) {
      const pattern = literal.type === "string" ? literal.value : "";
      if (!valid.has(pattern)) {
        await tryPattern(pattern, at, run);
        if (valid.size >= mostRemembered) {
          valid.clear();
        }
        if (pattern.length <= longestRemembered) {
          valid.add(pattern);
        }
      }
    }
  };
}

/** The right sides of `=~` and `!~`, anywhere in a part of a query. */
function patternsIn(part: unknown): Literal[] {
  if (typeof part !== "object" || part === null) {
    return [];
  }
  const isMatch = "operator" in part && (part.operator === "=~" || part.operator === "!~");
  return [
    ...(isMatch && "right" in part ? [part.right as Literal] : []),
    ...Object.values(part).flatMap(patternsIn),
  ];
}

async function tryPattern(pattern: string, at: Literal["at"], run: Run): Promise<void> {
  try {
    await run(`SELECT ${re2Sql("''", pattern)}`);
  } catch (error) {
    const [, fault] = (error instanceof Error && refusal.exec(error.message)) || [];
    if (fault === undefined) {
      throw error;
    }
    throw new QueryError("type", at, `this is no regular expression of RE2: ${fault}`);
  }
}

/** How the database speaks of a constant that is no pattern. */
const refusal = /^Invalid Input Error: ([\s\S]*)/;
