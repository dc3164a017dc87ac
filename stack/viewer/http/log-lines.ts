import { type LogLine, parseLogLine, readTraceLines } from "../../log/log-line.ts";

/** The one form of query that the log file answers: the lines of a trace, or of one of its spans. */
const form =
  /^\{[^{}]*\}\s*\|\s*trace_id\s*=\s*["`]([^"`]*)["`](?:\s*\|\s*span_id\s*=\s*["`]([0-9a-f]*)["`])?\s*$/i;

export class LogQueryError extends Error {
  override readonly name = "LogQueryError";
}

/** An answer in the form of Loki's `query_range`: a stream a line, with what Loki calls labels. */
export interface LokiAnswer {
  readonly status: "success";
  readonly data: {
    readonly resultType: "streams";
    readonly result: readonly {
      readonly stream: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [nanoseconds: string, line: string])[];
    }[];
  };
}

/**
 * Answers a Loki query from the server's log file.
 * @throws LogQueryError for a query of another form.
 */
export function answerLogQuery(logFile: string, query: string): LokiAnswer {
  const [, traceId, spanId] = form.exec(query.trim()) ?? [];
  if (traceId === undefined) {
    throw new LogQueryError(
      'There is no Loki here. The log file answers {service_name="…"} | trace_id="…" alone, with | span_id="…" behind it or without.',
    );
  }
  // A dashboard asks for what is no id until a trace is chosen.
  const lines = /^[0-9a-f]+$/i.test(traceId) ? readTraceLines(logFile, traceId.toLowerCase()) : [];
  const result = lines.flatMap((line) => {
    const parsed = parseLogLine(line);
    return parsed === undefined || (spanId !== undefined && parsed.spanId !== spanId)
      ? []
      : [{ stream: createLabels(parsed), values: [[toNanoseconds(parsed), line] as const] }];
  });
  return { status: "success", data: { resultType: "streams", result } };
}

function createLabels({ level, event, traceId, spanId }: LogLine): Record<string, string> {
  return {
    level,
    event,
    ...(traceId === undefined ? {} : { trace_id: traceId }),
    ...(spanId === undefined ? {} : { span_id: spanId }),
  };
}

function toNanoseconds({ time }: LogLine): string {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? "0" : `${milliseconds}000000`;
}
