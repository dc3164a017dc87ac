import type { GroupCommit } from "./group-commit.ts";
import type { SpanTimeBounds } from "./span-bounds.ts";
import type { SharedTables } from "./span-columns.ts";
import type { Ask } from "./span-rows.ts";

export interface RetentionLimits {
  /** How long ago a span may have started. */
  readonly maxAgeMs?: number | undefined;
  /** How much of the file may be in use. The file does not shrink, but its room is used again. */
  readonly maxBytes?: number | undefined;
  /** How often it is looked whether there is too much. A minute unless given. */
  readonly everyMs?: number | undefined;
}

/** Spans were deleted, those that started before a time. */
export interface Deletion {
  readonly reason: "age" | "size";
  readonly spans: number;
  readonly startedBeforeMs: number;
}

export interface RetentionOptions {
  readonly limits: RetentionLimits;
  readonly writer: GroupCommit;
  /** Asks without holding up what is written. */
  readonly ask: Ask;
  readonly shared: SharedTables;
  readonly bounds: SpanTimeBounds;
  readonly onDeleted: (deletion: Deletion) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Spans that are deleted between two commits: some 10 ms. */
const spansAtOnce = 50_000;
/** Deleting goes on until so much of the limit is used, so that it need not begin anew at once. */
const fullness = 0.9;
/** Room is only given back by a checkpoint that finds no reader. After so many, it is measured anew. */
const checkpointsUntilMeasured = 3;
/** Looking for rows that no span needs any more reads a column of all spans. */
const sweepsUntilShared = 60;

const sharedColumns = [
  ["resources", "resource_id"],
  ["scopes", "scope_id"],
  ["layouts", "layout_id"],
] as const;

interface Expectation {
  /** What was in use before spans were deleted, and is again when a checkpoint has been made. */
  readonly usedBytes: number;
  readonly bytesPerSpan: number;
  readonly checkpoints: number;
}

/** Deletes the oldest spans, when they are too old or take too much room, in steps between commits. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #timer: NodeJS.Timeout;
  #sweep: Promise<void> | undefined;
  #sweeps = 0;
  #expected: Expectation | undefined;

  /** Begins at once. */
  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#begin(), options.limits.everyMs ?? 60_000).unref();
    this.#begin();
  }

  /** To be called when the store closes, which ends what is being asked. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweep;
  }

  #begin(): void {
    this.#sweep ??= this.#run()
      .catch((error) => this.#options.onFailed(error))
      .finally(() => {
        this.#sweep = undefined;
      });
  }

  async #run(): Promise<void> {
    const { maxAgeMs, maxBytes } = this.#options.limits;
    const deleted =
      (maxAgeMs === undefined ? 0 : await this.#deleteByAge(maxAgeMs)) +
      (maxBytes === undefined ? 0 : await this.#deleteBySize(maxBytes));
    if (deleted === 0) {
      return;
    }
    await this.#tidyCatalog();
    if (this.#sweeps % sweepsUntilShared === 0) {
      await this.#tidyShared();
    }
    this.#sweeps += 1;
    this.#options.writer.checkpoints.wanted();
  }

  async #deleteByAge(maxAgeMs: number): Promise<number> {
    const startedBeforeMs = Date.now() - maxAgeMs;
    const spans = await this.#deleteBefore(BigInt(Math.floor(startedBeforeMs)) * 1_000_000n);
    if (spans > 0) {
      this.#options.onDeleted({ reason: "age", spans, startedBeforeMs });
    }
    return spans;
  }

  async #deleteBySize(maxBytes: number): Promise<number> {
    const usedBytes = await this.#usedBytes(maxBytes);
    const excess = 1 - (maxBytes * fullness) / usedBytes;
    if (excess <= 1 - fullness) {
      return 0;
    }
    const [[border] = []] = await this.#options.ask(
      `SELECT approx_quantile(start_ns, ${Math.min(excess, 1)}) FROM spans`,
    );
    if (typeof border !== "bigint") {
      return 0;
    }
    // The oldest go even when all spans started at once.
    const spans = await this.#deleteBefore(border + 1n);
    this.#options.onDeleted({
      reason: "size",
      spans,
      startedBeforeMs: Number(border / 1_000_000n),
    });
    return spans;
  }

  /** What is in use, or will be when deleted spans have given their room back. */
  async #usedBytes(maxBytes: number): Promise<number> {
    const [[used] = [], [spans] = []] = await this.#options.ask(
      "SELECT block_size * used_blocks, (SELECT count(*) FROM spans) FROM pragma_database_size()",
    );
    const usedBytes = Number(used);
    if (Number(spans) === 0) {
      return 0;
    }
    const { done } = this.#options.writer.checkpoints;
    const expected = this.#expected;
    if (expected !== undefined) {
      const isMeasured =
        usedBytes < expected.usedBytes || done - expected.checkpoints >= checkpointsUntilMeasured;
      if (!isMeasured) {
        await this.#askForRoom();
        return Math.min(usedBytes, Number(spans) * expected.bytesPerSpan);
      }
      this.#expected = undefined;
    }
    if (usedBytes > maxBytes) {
      const bytesPerSpan = usedBytes / Number(spans);
      this.#expected = { usedBytes, bytesPerSpan, checkpoints: done };
    }
    return usedBytes;
  }

  /** It takes two checkpoints until all room is given back, and one of nothing would not be made. */
  async #askForRoom(): Promise<void> {
    const { writer } = this.#options;
    await writer.exclusively((connection) =>
      connection.run("UPDATE meta SET contract_hash = contract_hash"),
    );
    writer.checkpoints.wanted();
  }

  async #deleteBefore(borderNs: bigint): Promise<number> {
    const { ask, writer } = this.#options;
    const [[found] = []] = await ask(`SELECT count(*) FROM spans WHERE start_ns < ${borderNs}`);
    const steps = Math.ceil(Number(found) / spansAtOnce);
    const borders = [...(await this.#bordersBelow(borderNs, steps)), borderNs];
    let deleted = 0;
    for (const border of steps === 0 ? [] : borders) {
      deleted += await writer.exclusively(async (connection) => {
        const result = await connection.run(`DELETE FROM spans WHERE start_ns < ${border}`);
        return result.rowsChanged;
      });
    }
    return deleted;
  }

  /** Times between which about as many spans lie as are deleted at once. */
  async #bordersBelow(borderNs: bigint, steps: number): Promise<bigint[]> {
    if (steps < 2) {
      return [];
    }
    const shares = Array.from({ length: steps - 1 }, (_, step) => (step + 1) / steps);
    const [borders = []] = await this.#options.ask(
      `SELECT unnest(approx_quantile(start_ns, [${shares.join(", ")}])) FROM spans
       WHERE start_ns < ${borderNs}`,
    );
    return borders as bigint[];
  }

  /** Forgets which attributes there were in hours of which no span is left, and where spans lay. */
  async #tidyCatalog(): Promise<void> {
    const { writer, shared, bounds } = this.#options;
    await writer.exclusively(async (connection) => {
      await bounds.measure(connection);
      const hourStartNs = shared.catalog.dropBefore(bounds.current?.firstStartNs ?? null);
      const condition = hourStartNs === null ? "true" : `hour_start_ns < ${hourStartNs}`;
      await connection.run(`DELETE FROM ${shared.catalog.table} WHERE ${condition}`);
      shared.catalog.changed();
    });
  }

  /**
   * Deletes what spans shared and none needs any more. To find it takes time, in which a span may
   * come that needs it again: so first it is made sure that none can, and then it is looked again.
   */
  async #tidyShared(): Promise<void> {
    const { writer, shared } = this.#options;
    for (const [table, column] of sharedColumns) {
      const unused = await this.#unusedIds(table, column);
      if (unused.size === 0) {
        continue;
      }
      await writer.exclusively(async () => {
        shared[table].retire(unused);
        writer.forgetShared();
      });
      const ids = [...(await this.#unusedIds(table, column))].filter((id) => unused.has(id));
      await writer.exclusively((connection) =>
        connection.run(`DELETE FROM ${table} WHERE id IN (SELECT unnest([${ids.join(", ")}]))`),
      );
    }
  }

  async #unusedIds(table: string, column: string): Promise<ReadonlySet<number>> {
    const [ids = []] = await this.#options.ask(
      `SELECT id FROM ${table} ANTI JOIN spans ON spans.${column} = ${table}.id`,
    );
    return new Set(ids as number[]);
  }
}
