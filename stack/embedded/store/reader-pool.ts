import { setTimeout } from "node:timers/promises";
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from "@duckdb/node-api";
import type { ReaderActivity } from "./reader-activity.ts";
import { StoreError } from "./store-error.ts";

const interruptEveryMs = 10;

/**
 * A few connections that only read. Each running call holds a thread of libuv's pool, which commits
 * need too, so no more queries run at once than there are connections; the rest wait their turn.
 */
export class ReaderPool {
  readonly #all: readonly DuckDBConnection[];
  readonly #free: DuckDBConnection[];
  readonly #queue: (() => void)[] = [];
  readonly #activity: ReaderActivity;
  #isClosed = false;

  private constructor(connections: readonly DuckDBConnection[], activity: ReaderActivity) {
    this.#all = connections;
    this.#free = [...connections];
    this.#activity = activity;
  }

  static async open(
    database: DuckDBInstance,
    size: number,
    activity: ReaderActivity,
  ): Promise<ReaderPool> {
    const connections = Array.from({ length: size }, () => database.connect());
    return new ReaderPool(await Promise.all(connections), activity);
  }

  /**
   * The answer's columns, each as long as there are rows.
   * @param signal Ends the query when it aborts.
   * @throws StoreError `store_closed`, the signal's reason, or the database's error.
   */
  async columns(
    sql: string,
    values: DuckDBValue[] = [],
    signal?: AbortSignal,
  ): Promise<DuckDBValue[][]> {
    const connection = await this.#take();
    const ended = this.#activity.begin();
    // Again and again, because a query that is about to start does not hear it yet.
    const watch = setInterval(() => {
      if (signal?.aborted) {
        connection.interrupt();
      }
    }, interruptEveryMs);
    try {
      signal?.throwIfAborted();
      const result = await connection.runAndReadAll(sql, values);
      return result.getColumns();
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#isClosed ? closedError() : error;
    } finally {
      clearInterval(watch);
      ended();
      this.#free.push(connection);
      this.#queue.shift()?.();
    }
  }

  /** Ends running queries with an error, and resolves when none runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const proceed of this.#queue.splice(0)) {
      proceed();
    }
    while (this.#free.length < this.#all.length) {
      // Again and again, because a query that is about to start does not hear it yet.
      for (const connection of this.#all) {
        connection.interrupt();
      }
      await setTimeout(interruptEveryMs);
    }
    for (const connection of this.#all) {
      connection.closeSync();
    }
  }

  async #take(): Promise<DuckDBConnection> {
    while (!this.#isClosed) {
      const connection = this.#free.pop();
      if (connection !== undefined) {
        return connection;
      }
      await new Promise<void>((resolve) => {
        this.#queue.push(resolve);
      });
    }
    throw closedError();
  }
}

function closedError(): StoreError {
  return new StoreError("store_closed", "The store is being closed and answers no more queries.");
}
