import { isDeepStrictEqual } from "node:util";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Span } from "#contract";
import { createColumn, RowBuffer, rowsPerBuffer } from "./row-buffer.ts";
import type { SpanTimeBounds } from "./span-bounds.ts";
import type { SpanRows } from "./span-rows.ts";
import { clampToBigint } from "./span-text.ts";

/**
 * Finds what an exporter sends again because it heard no answer: spans that are the same in
 * everything as one that is stored, or as one that came with them. A span that has the ids of
 * another and differs in anything else is a span of its own.
 *
 * What started after all that is stored cannot be stored: so of spans that come as they happen, few
 * are looked for. Their ids and starts are joined with the table's. The join reads only the parts of
 * the table in which those starts can be; what it finds, nearly always nothing, is read and compared.
 */
export class SpanDeduplicator {
  readonly #connection: DuckDBConnection;
  readonly #rows: SpanRows;
  readonly #bounds: SpanTimeBounds;
  readonly #traceIds = createColumn("UUID");
  readonly #spanIds = createColumn("UBIGINT");
  readonly #starts = createColumn("BIGINT");
  readonly #positions = createColumn("UINTEGER");
  readonly #buffer = new RowBuffer([this.#traceIds, this.#spanIds, this.#starts, this.#positions]);

  private constructor(connection: DuckDBConnection, stored: SpanRows, bounds: SpanTimeBounds) {
    this.#connection = connection;
    this.#rows = stored;
    this.#bounds = bounds;
  }

  /** @param connection The one that writes: between the question and the writing nothing may come. */
  static async create(
    connection: DuckDBConnection,
    stored: SpanRows,
    bounds: SpanTimeBounds,
  ): Promise<SpanDeduplicator> {
    await connection.run(
      "CREATE TEMP TABLE incoming (trace_id UUID, span_id UBIGINT, start_ns BIGINT, position UINTEGER)",
    );
    return new SpanDeduplicator(connection, stored, bounds);
  }

  /** Those that are not stored, each once, in their order. */
  async filterNew(spans: readonly Span[]): Promise<readonly Span[]> {
    const different = deduplicate(spans);
    const lastStartNs = this.#bounds.current?.lastStartNs;
    const possible =
      lastStartNs === undefined
        ? []
        : different.filter((span) => clampToBigint(span.startTimeUnixNano) <= lastStartNs);
    const stored = possible.length === 0 ? noSpans : await this.#findStored(possible);
    return stored.size === 0 ? different : different.filter((span) => !stored.has(span));
  }

  async #findStored(spans: readonly Span[]): Promise<ReadonlySet<Span>> {
    const found = new Set<Span>();
    await this.#connection.run("BEGIN");
    try {
      await this.#fillIncoming(spans);
      for (const range of computeRanges(spans)) {
        const { rowIds, positions } = await this.#withSameIds(range);
        for (let first = 0; first < rowIds.length; first += readAtOnce) {
          const some = rowIds.slice(first, first + readAtOnce);
          const stored = await this.#rows.ofRows(new Set(some));
          some.forEach((rowId, index) => {
            const span = spans[positions[first + index] as number] as Span;
            if (!found.has(span) && isDeepStrictEqual(stored.get(rowId), asStored(span))) {
              found.add(span);
            }
          });
        }
      }
      return found;
    } finally {
      this.#buffer.clear();
      // Empties the table, without anything having been written.
      await this.#connection.run("ROLLBACK");
    }
  }

  /** Pairs of a stored row and the position of a span with its ids and its start. */
  async #withSameIds({ firstNs, lastNs }: Range) {
    const answer = await this.#connection.runAndReadAll(
      `SELECT spans.rowid, position FROM spans JOIN incoming USING (start_ns, span_id, trace_id)
       WHERE start_ns BETWEEN ${firstNs} AND ${lastNs}`,
    );
    const [rowIds = [], positions = []] = answer.getColumns() as [bigint[], number[]];
    return { rowIds, positions };
  }

  async #fillIncoming(spans: readonly Span[]): Promise<void> {
    const appender = await this.#connection.createAppender("incoming");
    for (let first = 0; first < spans.length; first += rowsPerBuffer) {
      const rows = Math.min(rowsPerBuffer, spans.length - first);
      for (let row = 0; row < rows; row += 1) {
        const span = spans[first + row] as Span;
        this.#traceIds.set(row, span.traceId);
        this.#spanIds.set(row, span.spanId);
        this.#starts.set(row, clampToBigint(span.startTimeUnixNano));
        this.#positions.set(row, first + row);
      }
      this.#buffer.appendTo(appender, rows);
    }
    appender.closeSync();
  }
}

const noSpans: ReadonlySet<Span> = new Set();

/** Rows that are read and compared before anything else has its turn. */
const readAtOnce = 256;
const hourNs = 3_600_000_000_000n;
/** Each is a question of its own, which costs about as much as to look through so many hours. */
const mostRanges = 8;

interface Range {
  firstNs: bigint;
  lastNs: bigint;
}

/**
 * When the spans started. One that comes late, or by a clock that is wrong, makes a range of its
 * own: otherwise everything that is stored between it and the others would be looked at.
 */
function computeRanges(spans: readonly Span[]): Range[] {
  const starts = new BigInt64Array(spans.length);
  let firstNs = 0n;
  let lastNs = 0n;
  spans.forEach((span, index) => {
    const startNs = clampToBigint(span.startTimeUnixNano);
    starts[index] = startNs;
    firstNs = index === 0 || startNs < firstNs ? startNs : firstNs;
    lastNs = index === 0 || startNs > lastNs ? startNs : lastNs;
  });
  if (lastNs - firstNs <= hourNs) {
    return [{ firstNs, lastNs }];
  }
  const ranges: Range[] = [];
  for (const startNs of starts.sort()) {
    const range = ranges.at(-1);
    if (range === undefined || startNs - range.lastNs > hourNs) {
      ranges.push({ firstNs: startNs, lastNs: startNs });
    } else {
      range.lastNs = startNs;
    }
  }
  return ranges.length <= mostRanges ? ranges : [{ firstNs, lastNs }];
}

/** What is the same in everything only once. */
function deduplicate(spans: readonly Span[]): readonly Span[] {
  const bySpanId = new Map<string, Span[]>();
  const different = spans.filter((span) => {
    const others = bySpanId.get(span.spanId);
    if (others === undefined) {
      bySpanId.set(span.spanId, [span]);
      return true;
    }
    const isRepeated = others.some((other) => isDeepStrictEqual(other, span));
    if (!isRepeated) {
      others.push(span);
    }
    return !isRepeated;
  });
  return different.length === spans.length ? spans : different;
}

/** Half of a surrogate pair is no Unicode, and is stored as the character that stands for that. */
function asStored<Part>(part: Part): Part {
  if (typeof part === "string") {
    return part.toWellFormed() as Part;
  }
  if (Array.isArray(part)) {
    return part.map(asStored) as Part;
  }
  if (typeof part === "object" && part !== null && !(part instanceof Uint8Array)) {
    const members = Object.entries(part).map(([name, member]) => [name, asStored(member)]);
    return Object.fromEntries(members) as Part;
  }
  return part;
}
