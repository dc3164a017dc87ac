import { availableParallelism } from "node:os";
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { type Contract, getServiceKey, type Span } from "#contract";
import type { Mended } from "../../private-files.ts";
import { AttributeCatalog } from "./attribute-catalog.ts";
import { GroupCommit } from "./group-commit.ts";
import { type Database, openDatabase } from "./open-database.ts";
import {
  type ExportedFile,
  exportParquet,
  type ParquetExportOptions,
  removeExports,
} from "./parquet-export.ts";
import { ReaderActivity, ReaderPool } from "./reader-pool.ts";
import { type Deletion, Retention, type RetentionLimits } from "./retention.ts";
import { type AttributeColumn, parseColumnName } from "./schema.ts";
import { type SpanBounds, SpanTimeBounds } from "./span-bounds.ts";
import { InternedTable, type SharedTables, SpanColumns } from "./span-columns.ts";
import { SpanDeduplicator } from "./span-deduplicator.ts";
import { type Ask, SpanRows } from "./span-rows.ts";
import { explainFailure, StoreError } from "./store-error.ts";

export type { AttributeScope } from "./attribute-catalog.ts";
export { readValueText } from "./attribute-text.ts";
export type { ExportedFile, ParquetExportOptions } from "./parquet-export.ts";
export type { Deletion, RetentionLimits } from "./retention.ts";
export { type AttributeColumn, quoted, spanFields } from "./schema.ts";
export type { SpanBounds } from "./span-bounds.ts";
export { explainFailure, isHalted, isOutOfMemory, StoreError } from "./store-error.ts";

export interface StoreOptions {
  /** Holds the store's file and what DuckDB puts beside it. Made when it is missing. */
  readonly directory: string;
  /** Threads of DuckDB. As many as there are processors unless given, 4 at most. */
  readonly threads?: number;
  /**
   * What DuckDB may use before it goes to disk. 192 unless given: spans that are not checkpointed
   * yet need 80, and what a larger pool would keep of the file is in the system's cache anyway.
   */
  readonly memoryLimitMebibytes?: number;
  /** What is deleted by and by. Nothing unless given. */
  readonly retention?: RetentionLimits;
  readonly onEvent?: (event: StoreEvent) => void;
}

/** What the store does by itself. */
export type StoreEvent =
  | ({ readonly type: "spans_deleted" } & Deletion)
  /** Files of an earlier version could be read by others. */
  | ({ readonly type: "privacy_mended" } & Mended)
  /** A checkpoint or the deleting of old spans failed; it will be tried again. */
  | { readonly type: "upkeep_failed"; readonly error: unknown };

export interface Store {
  /**
   * Resolves when the spans are on disk, safe from the end of this process. One that is the same in
   * everything as a stored one is that one, sent again, and is not stored twice.
   * @throws StoreError `store_failed`, `store_disk_full` or `store_closed`.
   */
  readonly append: (spans: readonly Span[]) => Promise<void>;
  /**
   * The spans of a trace in the order of their starts, as they were sent. Empty for an unknown trace.
   * @param traceId 32 hexadecimal digits.
   */
  readonly readTrace: (traceId: string) => Promise<Span[]>;
  /** The same, up to 2,000 spans at a time; the database has a place taken until the last is read. */
  readonly readTraceInParts: (traceId: string, signal: AbortSignal) => AsyncIterable<Span[]>;
  /**
   * Asks the database. Ends with the signal's reason when that aborts.
   * @returns The answer's columns.
   */
  readonly read: (sql: string, signal?: AbortSignal) => Promise<DuckDBValue[][]>;
  /** That of the store's own service. */
  readonly contracts: readonly Contract[];
  /** The columns of `spans` that hold attributes, those of former contracts too. */
  readonly attributeColumns: readonly AttributeColumn[];
  /** Null while there are no spans. */
  readonly spanBounds: () => SpanBounds | null;
  /** Another number whenever the table `attribute_catalog` has changed. */
  readonly catalogVersion: () => number;
  /** Rejects when the database does not answer any more. */
  readonly check: () => Promise<void>;
  readonly counts: () => Promise<StoreCounts>;
  /** Writes all as Parquet into a folder of the store's. What is not taken from there goes with the next start. */
  readonly exportParquet: (options: ParquetExportOptions) => Promise<ExportedFile[]>;
  /** Ends queries, finishes commits, moves everything into the one file and lets go of it. */
  readonly close: () => Promise<void>;
}

export interface StoreCounts {
  readonly spans: number;
  readonly traces: number;
}

/** Two for each search that runs, and one more; below libuv's pool, which commits, gzip and names share. */
const readers = 5;

/**
 * Opens the store of a directory, or makes one.
 * @throws StoreError when another has it open, or its file cannot be used; then the file is kept.
 */
export async function openStore(
  contracts: readonly Contract[],
  options: StoreOptions,
): Promise<Store> {
  const database = await openDatabase(contracts, {
    directory: options.directory,
    threads: options.threads ?? Math.min(4, availableParallelism()),
    memoryLimitMebibytes: options.memoryLimitMebibytes ?? 192,
  });
  removeExports(database.directory);
  const report = options.onEvent ?? (() => {});
  if (database.mended.count > 0 || database.mended.failures.length > 0) {
    report({ type: "privacy_mended", ...database.mended });
  }
  const onFailed = (error: unknown) => report({ type: "upkeep_failed", error });
  const { shared, bounds, writer, pool } = await prepare(contracts, database, onFailed);
  const ask: Ask = (sql, values, signal) => pool.columns(sql, values, signal);
  const columnNames = database.columns.map(({ name }) => name);
  const spanRows = new SpanRows(ask, columnNames, async function* (sql, values, signal) {
    for await (const chunk of pool.chunks(sql, values, signal)) {
      const columns = Array.from({ length: chunk.columnCount }, (_, index) =>
        chunk.getColumnVector(index),
      );
      yield { count: chunk.rowCount, at: (row, column) => columns[column]?.getItem(row) ?? null };
    }
  });
  const retention = new Retention({
    limits: options.retention ?? {},
    writer,
    ask,
    shared,
    bounds,
    onDeleted: (deletion) => report({ type: "spans_deleted", ...deletion }),
    // What the closing of the store ends has not failed.
    onFailed: (error) => (closing === undefined ? onFailed(error) : undefined),
  });
  let closing: Promise<void> | undefined;
  return {
    append: (spans) => writer.append(spans),
    readTrace: async (traceId) => {
      const parts: Span[][] = [];
      for await (const part of spanRows.ofTrace(traceId.toLowerCase())) {
        parts.push(part);
      }
      return parts.flat();
    },
    readTraceInParts: (traceId, signal) => spanRows.ofTrace(traceId.toLowerCase(), signal),
    read: (sql, signal) => pool.columns(sql, [], signal),
    contracts,
    attributeColumns: columnNames.flatMap((name) => parseColumnName(name) ?? []),
    spanBounds: () => bounds.current,
    catalogVersion: () => shared.catalog.version,
    check: async () => {
      await pool.columns("SELECT 1 FROM meta");
    },
    counts: () => count(pool),
    exportParquet: (exportOptions) => {
      const { directory } = database;
      return exportParquet({ directory, columnNames, ask }, exportOptions);
    },
    close: () => {
      closing ??= close({ writer, pool, retention, database });
      return closing;
    },
  };
}

interface Prepared {
  readonly shared: SharedTables;
  readonly bounds: SpanTimeBounds;
  readonly writer: GroupCommit;
  readonly pool: ReaderPool;
}

async function prepare(
  contracts: readonly Contract[],
  database: Database,
  onCheckpointFailed: (error: unknown) => void,
): Promise<Prepared> {
  try {
    const { connection } = database;
    const shared = await loadShared(connection);
    const bounds = await SpanTimeBounds.load(connection);
    const activity = new ReaderActivity();
    const pause = () => activity.pause();
    const tables = { shared, bounds, pause };
    const writer = await createWriter({ contracts, database, ...tables, onCheckpointFailed });
    return {
      shared,
      bounds,
      writer,
      pool: await ReaderPool.open(database.instance, readers, activity),
    };
  } catch (error) {
    throw database.giveUp(error);
  }
}

async function loadShared(connection: DuckDBConnection): Promise<SharedTables> {
  return {
    resources: await InternedTable.load(connection, "resources"),
    scopes: await InternedTable.load(connection, "scopes"),
    layouts: await InternedTable.load(connection, "layouts"),
    catalog: new AttributeCatalog(),
  };
}

async function createWriter(parts: {
  contracts: readonly Contract[];
  database: Database;
  shared: SharedTables;
  bounds: SpanTimeBounds;
  pause: () => Promise<void>;
  onCheckpointFailed: (error: unknown) => void;
}): Promise<GroupCommit> {
  const { contracts, shared, bounds, pause } = parts;
  const { connection, columns, logFile } = parts.database;
  const stored = new SpanRows(
    async (sql, values) => (await connection.runAndReadAll(sql, values)).getColumns(),
    columns.map(({ name }) => name),
  );
  return new GroupCommit({
    connection,
    columns: new SpanColumns({
      shared,
      bounds,
      pause,
      // The services of a configuration have one name for it.
      serviceKey: contracts.map(getServiceKey)[0] ?? "",
      columns,
      // Those of former contracts too: a query asks a column instead of the text where there is one.
      attributeColumns: columns.flatMap(({ name }) => parseColumnName(name) ?? []),
    }),
    shared,
    unstored: await SpanDeduplicator.create(connection, stored, bounds),
    logFile,
    onCheckpointFailed: parts.onCheckpointFailed,
  });
}

async function count(pool: ReaderPool): Promise<StoreCounts> {
  const [[spans] = [], [traces] = []] = await pool.columns(
    "SELECT count(*), count(DISTINCT trace_id) FROM spans",
  );
  return { spans: Number(spans), traces: Number(traces) };
}

async function close(parts: {
  writer: GroupCommit;
  pool: ReaderPool;
  retention: Retention;
  database: Database;
}): Promise<void> {
  const { writer, pool, retention, database } = parts;
  // A connection that is closed while it works hangs the process, so the order matters.
  await Promise.all([pool.close(), writer.close(), retention.stop()]);
  try {
    writer.checkpoints.requireRoom();
    await database.connection.run("CHECKPOINT");
  } catch (error) {
    if (error instanceof StoreError) {
      throw error;
    }
    // What was committed is in the log beside the file, and the next start reads it.
    throw explainFailure("The last checkpoint failed", error);
  } finally {
    database.close();
  }
}
