import type { DuckDBValue } from "@duckdb/node-api";
import { type Expression, type Position, type Query, QueryError, type Stage } from "#traceql";
import { re2Sql } from "./plan/typed-sql.ts";

type Run = (sql: string) => Promise<DuckDBValue[][]>;
type Literal = Extract<Expression, { type: "literal" }>;

/** More than anybody has in use; of longer ones a thousand would be much memory. */
const mostRemembered = 1_000;
const longestRemembered = 1_000;

/** A regular expression that is none. */
export class PatternError extends QueryError {
  readonly pattern: string;

  constructor(pattern: string, at: Position, fault: string) {
    super("type", at, `this is no regular expression of RE2: ${fault}`);
    this.pattern = pattern;
  }
}

/**
 * Makes the check of a query's regular expressions, whatever is stored. The database alone knows the
 * whole of RE2, so it is asked once for each.
 */
export function patternCheck(): (query: Query | readonly Stage[], run: Run) => Promise<void> {
  const valid = new Set<string>();
  return async (query, run) => {
    for (const { pattern, at } of patternsIn(query)) {
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

interface Pattern {
  readonly pattern: string;
  readonly at: Position;
}

/** The right sides of `=~` and `!~`, anywhere in a part of a query. */
export function patternsIn(part: unknown): Pattern[] {
  if (typeof part !== "object" || part === null) {
    return [];
  }
  const isMatch = "operator" in part && (part.operator === "=~" || part.operator === "!~");
  return [
    ...(isMatch && "right" in part ? [toPattern(part.right as Literal)] : []),
    ...Object.values(part).flatMap(patternsIn),
  ];
}

function toPattern({ literal, at }: Literal): Pattern {
  return { pattern: literal.type === "string" ? literal.value : "", at };
}

async function tryPattern(pattern: string, at: Position, run: Run): Promise<void> {
  try {
    await run(`SELECT ${re2Sql("''", pattern)}`);
  } catch (error) {
    const [, fault] = (error instanceof Error && refusal.exec(error.message)) || [];
    if (fault === undefined) {
      throw error;
    }
    throw new PatternError(pattern, at, fault);
  }
}

/** How the database speaks of a constant that is no pattern. */
const refusal = /^Invalid Input Error: ([\s\S]*)/;
