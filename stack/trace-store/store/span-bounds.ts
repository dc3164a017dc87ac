import type { DuckDBConnection } from "@duckdb/node-api";

/** Between what the spans of a store lie, in nanoseconds. Spans may lie closer together, never outside. */
export interface SpanBounds {
  readonly firstStartNs: bigint;
  readonly lastStartNs: bigint;
  readonly longestNs: bigint;
}

/**
 * Remembers the bounds of what is stored, so that no query has to ask for them first. What is about
 * to be written counts already: a reader must never find a span outside of the bounds.
 */
export class SpanTimeBounds {
  #bounds: SpanBounds | null = null;

  static async load(connection: DuckDBConnection): Promise<SpanTimeBounds> {
    const known = new SpanTimeBounds();
    await known.measure(connection);
    return known;
  }

  /** Null while there are no spans. */
  get current(): SpanBounds | null {
    return this.#bounds;
  }

  /** Asks the database. Nothing may be written meanwhile. */
  async measure(connection: DuckDBConnection): Promise<void> {
    const answer = await connection.runAndReadAll(
      "SELECT min(start_ns), max(start_ns), max(duration_ns) FROM spans",
    );
    const [first, last, longest] = answer.getColumns().map(([value]) => value ?? null);
    this.#bounds =
      typeof first === "bigint" && typeof last === "bigint" && typeof longest === "bigint"
        ? { firstStartNs: first, lastStartNs: last, longestNs: longest }
        : null;
  }

  /** A span is about to be written. */
  note(startNs: bigint, durationNs: bigint): void {
    const known = this.#bounds;
    if (
      known !== null &&
      startNs >= known.firstStartNs &&
      startNs <= known.lastStartNs &&
      durationNs <= known.longestNs
    ) {
      return;
    }
    this.#bounds = {
      firstStartNs: known === null || startNs < known.firstStartNs ? startNs : known.firstStartNs,
      lastStartNs: known === null || startNs > known.lastStartNs ? startNs : known.lastStartNs,
      longestNs: known === null || durationNs > known.longestNs ? durationNs : known.longestNs,
    };
  }
}
