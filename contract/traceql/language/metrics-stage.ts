import { intrinsicTypes } from "./intrinsics.ts";
import { metricsFunctions, parseQuery } from "./parser.ts";
import { QueryError } from "./query-error.ts";
import { scan, type Token } from "./scanner.ts";
import type { Field, MetricsStage } from "./syntax.ts";

/**
 * Whether a text asks for numbers: a metrics function follows a bar. True also of a query with a fault, or
 * with a part that only a newer Tempo knows, so that it is sent to where its error is explained.
 */
export function isMetricsQuery(text: string): boolean {
  const tokens = tryParse(() => scan(text)) ?? [];
  return tokens.some((token, index) => isBar(tokens[index - 1]) && isMetricsFunction(token));
}

/** The part of a query that measures; undefined for a search, and for a query with a fault. */
export function parseMetricsStage(text: string): MetricsStage | undefined {
  return tryParse(() => parseQuery(text))?.metrics ?? undefined;
}

/** Whether a field is a time span by itself. Tempo answers with seconds when it is measured. */
export function isDurationField(field: Field): boolean {
  return field.type === "intrinsic" && intrinsicTypes[field.name] === "duration";
}

function isBar(token: Token | undefined): boolean {
  return token?.type === "operator" && token.text === "|";
}

function isMetricsFunction(token: Token): boolean {
  return token.type === "word" && metricsFunctions.some((name) => name === token.text);
}

function tryParse<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof QueryError) {
      return undefined;
    }
    throw error;
  }
}
