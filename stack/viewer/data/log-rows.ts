/** A line of a log. */
export interface LogRow {
  readonly timeMs: number;
  readonly level: string;
  readonly event: string;
  readonly spanId: string | undefined;
  /** What else the line says, by key. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly line: string;
}

/** Loki's answer to `query_range`. */
export interface StreamsAnswer {
  readonly data?: {
    readonly result?: readonly {
      readonly stream: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [string, string])[];
    }[];
  };
}

/** In every line, and shown apart or of no interest. */
const apart: ReadonlySet<string> = new Set([
  "time",
  "level",
  "event",
  "trace_id",
  "span_id",
  "pid",
  "hostname",
]);

/** The lines of an answer, the oldest first; those of one time in the order in which they came. */
export function logRows(answer: StreamsAnswer): LogRow[] {
  const rows = (answer.data?.result ?? []).flatMap(({ stream, values }) =>
    values.map(([nanoseconds, line]): LogRow => {
      const document = parseDocument(line);
      return {
        timeMs: Number(BigInt(nanoseconds) / 1_000_000n),
        level: String(document.level ?? stream.level ?? ""),
        event: String(document.event ?? stream.event ?? ""),
        spanId: stream.span_id,
        fields: Object.fromEntries(Object.entries(document).filter(([key]) => !apart.has(key))),
        line,
      };
    }),
  );
  return rows.toSorted((one, other) => one.timeMs - other.timeMs);
}

function parseDocument(line: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(line);
    return typeof document === "object" && document !== null ? { ...document } : {};
  } catch {
    return {};
  }
}
