import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { StoreError } from "./store-error.ts";

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

export interface CheckpointsOptions {
  readonly logFile: string;
  /** Runs work while nothing is written. */
  readonly exclusively: (work: Exclusive<void>) => Promise<void>;
  readonly onFailed: (error: unknown) => void;
}

/** Work that has the one writing connection for itself. */
export type Exclusive<Result> = (connection: DuckDBConnection) => Promise<Result>;

/** Moves what was committed from the write-ahead log into the file: when nothing comes in, or the log is large. */
export class Checkpoints {
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
      throw new StoreError(
        "store_disk_full",
        `The disk of the store has ${freeMebibytes} MiB left, and ${neededMebibytes} are needed to put its file in order. Make room; nothing is lost meanwhile.`,
      );
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
