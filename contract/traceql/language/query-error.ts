import type { Position } from "./syntax.ts";

/**
 * syntax: not TraceQL. type: TraceQL whose parts do not fit together. unsupported: TraceQL that this
 * store does not answer, with the construct in the message.
 */
export type QueryErrorCode = "syntax" | "type" | "unsupported";

/** A query that cannot be answered. The message begins with the place and says what was expected. */
export class QueryError extends Error {
  readonly code: QueryErrorCode;
  readonly at: Position;

  constructor(code: QueryErrorCode, at: Position, what: string) {
    super(`${formatOpening(code, at)}: ${what}`);
    this.name = "QueryError";
    this.code = code;
    this.at = at;
  }
}

function formatOpening(code: QueryErrorCode, { line, column }: Position): string {
  const place = `line ${line}, col ${column}`;
  switch (code) {
    case "syntax":
      return `parse error at ${place}`;
    case "type":
      return `type error at ${place}`;
    case "unsupported":
      return `unsupported: at ${place}`;
    default:
      return code satisfies never;
  }
}
