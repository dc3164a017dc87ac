import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import type { Span } from "#contract";
import type { SharedTables, SpanColumns } from "./span-columns.ts";
import type { SpanDeduplicator } from "./span-deduplicator.ts";
import { explainFailure, StoreError } from "./store-error.ts";

/** So many spans are committed together at most, so that nobody waits long for the others. */
const spansPerCommit = 8192;

/** A table whose new rows come about while spans are divided into columns. */
type SharedTable = SharedTables[keyof SharedTables];

interface Waiting {
  readonly spans: readonly Span[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one writer. While a commit runs, exports gather; the next commit takes them all. Within the
 * transaction the appenders only fill memory; the write that survives a crash is in COMMIT, which
 * runs off the event loop.
 */
export class GroupCommit {
  readonly #connection: DuckDBConnection;
  readonly #columns: SpanColumns;
  readonly #unstored: SpanDeduplicator;
  readonly #shared: readonly SharedTable[];
  readonly #checkpoints: Checkpoints;
  readonly #waiting: Waiting[] = [];
  readonly #works: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: {
    connection: DuckDBConnection;
    columns: SpanColumns;
    shared: SharedTables;
    unstored: SpanDeduplicator;
    logFile: string;
    onCheckpointFailed: (error: unknown) => void;
  }) {
    this.#connection = options.connection;
    this.#columns = options.columns;
    this.#shared = Object.values(options.shared);
    this.#unstored = options.unstored;
    this.#checkpoints = new Checkpoints({
      logFile: options.logFile,
      exclusively: (work) => this.exclusively(work),
      onFailed: options.onCheckpointFailed,
    });
  }

  get checkpoints(): Checkpoints {
    return this.#checkpoints;
  }

  /**
   * Resolves when the spans are on disk.
   * @throws StoreError `store_failed` or `store_disk_full`, when they are not, or `store_closed`.
   */
  append(spans: readonly Span[]): Promise<void> {
    if (this.#isClosed) {
      return Promise.reject(closedError());
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ spans, resolve, reject });
      this.#running ??= this.#commitAll();
    });
  }

  /**
   * Runs work with the writing connection between two commits; what arrives meanwhile waits, so it
   * must be short. It must leave no transaction open.
   * @throws StoreError `store_closed`, or what the work throws.
   */
  exclusively<Result>(work: Exclusive<Result>): Promise<Result> {
    if (this.#isClosed) {
      return Promise.reject(closedError());
    }
    return new Promise((resolve, reject) => {
      this.#works.push(async () => {
        try {
          resolve(await work(this.#connection));
        } catch (error) {
          reject(error);
        }
      });
      this.#running ??= this.#commitAll();
    });
  }

  /** To be called when ids of shared rows must not be given to spans any more. */
  forgetShared(): void {
    this.#columns.forget();
  }

  /** Takes no more spans; resolves when those that were taken are committed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#checkpoints.stop();
    await this.#running;
    this.#checkpoints.stop();
  }

  async #commitAll(): Promise<void> {
    // The exports that arrive in the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#works.length > 0) {
      await this.#works.shift()?.();
      if (this.#waiting.length > 0) {
        await this.#commitGroup(this.#takeGroup());
        await this.#checkpoints.afterCommit(this.#connection);
      }
    }
    this.#running = undefined;
  }

  #takeGroup(): Waiting[] {
    let spans = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      spans += waiting.spans.length;
      if (count > 0 && spans > spansPerCommit) {
        break;
      }
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#commit(group.flatMap((waiting) => waiting.spans));
    } catch (error) {
      await this.#rollBack();
      if (group.length === 1) {
        group[0]?.reject(explainFailure("The spans were not stored", error));
        return;
      }
      // One export may have spoilt the others.
      for (const waiting of group) {
        await this.#commitGroup([waiting]);
      }
      return;
    }
    for (const waiting of group) {
      waiting.resolve();
    }
  }

  async #commit(sent: readonly Span[]): Promise<void> {
    const spans = await this.#unstored.filterNew(sent);
    if (spans.length === 0) {
      return;
    }
    await this.#connection.run("BEGIN");
    await this.#fill("spans", (appender) => this.#columns.append(appender, spans));
    for (const shared of this.#shared) {
      if (shared.isNew) {
        await this.#fill(shared.table, (appender) => shared.append(appender));
      }
    }
    await this.#connection.run("COMMIT");
    for (const shared of this.#shared) {
      shared.keep();
    }
  }

  async #fill(
    table: string,
    append: (appender: DuckDBAppender) => void | Promise<void>,
  ): Promise<void> {
    const appender = await this.#connection.createAppender(table);
    try {
      await append(appender);
      appender.flushSync();
    } catch (error) {
      // It would try to write the faulty rows again when it is closed.
      appender.clear();
      throw error;
    } finally {
      appender.closeSync();
    }
  }

  async #rollBack(): Promise<void> {
    this.#columns.forget();
    for (const shared of this.#shared) {
      shared.forget();
    }
    try {
      await this.#connection.run("ROLLBACK");
    } catch {
      // A transaction that failed in COMMIT is over already.
    }
  }
}

function closedError(): StoreError {
  return new StoreError("store_closed");
}

const mebibyte = 1024 * 1024;
/**
 * What is in the write-ahead log is in memory too, and a start after a crash reads it again, 12 ms a
 * MiB. A checkpoint takes some tenths of a second, in which nothing is committed: so as rarely as
 * memory allows while spans come in.
 */
const mostLogBytes = 48 * mebibyte;
/** Less is not worth it. */
const leastLogBytes = mebibyte;
const quietMs = 2_000;
/** The file grows by less than what is in the log, but in large steps. */
const spareBytes = 4 * mebibyte;

interface CheckpointsOptions {
  readonly logFile: string;
  /** Runs work while nothing is written. */
  readonly exclusively: (work: Exclusive<void>) => Promise<void>;
  readonly onFailed: (error: unknown) => void;
}

/** Work that has the one writing connection for itself. */
type Exclusive<Result> = (connection: DuckDBConnection) => Promise<Result>;

/** Moves what was committed from the write-ahead log into the file: when nothing comes in, or the log is large. */
class Checkpoints {
  readonly #options: CheckpointsOptions;
  #quietTimer: NodeJS.Timeout | undefined;
  #dueAtBytes = mostLogBytes;
  #isWanted = false;
  #done = 0;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  /** How many there were since the start. */
  get done(): number {
    return this.#done;
  }

  /** After each commit, before the next. */
  async afterCommit(connection: DuckDBConnection): Promise<void> {
    if (this.#logBytes() >= this.#dueAtBytes) {
      await this.#checkpoint(connection);
    }
    this.#waitForQuiet();
  }

  /** However short the log is: there is room to be given back. */
  wanted(): void {
    this.#isWanted = true;
    if (this.#quietTimer === undefined) {
      this.#waitForQuiet();
    }
  }

  stop(): void {
    clearTimeout(this.#quietTimer);
  }

  #waitForQuiet(): void {
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => void this.#whenQuiet(), quietMs).unref();
  }

  async #whenQuiet(): Promise<void> {
    this.#quietTimer = undefined;
    if (this.#isWanted || this.#logBytes() >= leastLogBytes) {
      // The store may have been closed meanwhile, which makes a checkpoint of its own.
      await this.#options.exclusively((connection) => this.#checkpoint(connection)).catch(() => {});
    }
  }

  /**
   * A checkpoint that finds no room stops the whole database; without one it goes on reading, and
   * taking in what the log still has room for.
   * @throws StoreError `store_disk_full`, when there is none.
   */
  requireRoom(): void {
    const { bavail, bsize } = statfsSync(dirname(this.#options.logFile));
    const [free, needed] = [bavail * bsize, this.#logBytes() + spareBytes];
    if (free < needed) {
      const [freeMebibytes, neededMebibytes] = [free, needed].map((bytes) =>
        Math.ceil(bytes / mebibyte),
      );
      throw new StoreError("store_disk_full", {
        message: `The disk of the store has ${freeMebibytes} MiB left, and ${neededMebibytes} are needed to put its file in order.`,
      });
    }
  }

  async #checkpoint(connection: DuckDBConnection): Promise<void> {
    try {
      this.requireRoom();
      await connection.run("CHECKPOINT");
      this.#done += 1;
      this.#dueAtBytes = mostLogBytes;
      this.#isWanted = false;
    } catch (error) {
      // What is committed is safe in the log, so this can be tried again when more has come.
      this.#dueAtBytes = this.#logBytes() + mostLogBytes;
      this.#options.onFailed(error);
    }
  }

  #logBytes(): number {
    try {
      return statSync(this.#options.logFile, { throwIfNoEntry: false })?.size ?? 0;
    } catch {
      return 0;
    }
  }
}
