/** Where a query is wrong, by the words of the API. Lines and columns count from 1. */
export interface QueryFault {
  /** Offsets into the query. */
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly column: number;
}

/** The place that an answer names in a query, as far as its token goes; undefined if it names none. */
export function faultIn(query: string, message: string): QueryFault | undefined {
  const [, lineText, columnText] = /line (\d+), col(?:umn)? (\d+)/.exec(message) ?? [];
  if (lineText === undefined || columnText === undefined) {
    return undefined;
  }
  const [line, column] = [Number(lineText), Number(columnText)];
  const before = query.split("\n").slice(0, line - 1);
  const lineStart = before.reduce((sum, text) => sum + text.length + 1, 0);
  const from = Math.min(lineStart + column - 1, query.length);
  const [token = ""] = /^("[^"\n]*"?|`[^`]*`?|[\w.:-]+|[^\w\s]+)/.exec(query.slice(from)) ?? [];
  return { from, to: Math.min(query.length, from + Math.max(1, token.length)), line, column };
}
