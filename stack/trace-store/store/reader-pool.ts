import { setImmediate, setTimeout } from "node:timers/promises";
import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBResult,
  DuckDBValue,
} from "@duckdb/node-api";
import { Turns } from "../turns.ts";
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
    const columns: DuckDBValue[][] = [];
    const turns = new Turns();
    const ask = (connection: DuckDBConnection) => connection.run(sql, values);
    for await (const chunk of this.#chunks(ask, signal)) {
      for (let index = 0; index < chunk.columnCount; index += 1) {
        columns[index] ??= [];
        chunk.appendColumnValues(index, columns[index] as DuckDBValue[]);
        if (turns.isOver) {
          await turns.next();
        }
      }
    }
    return columns;
  }

  /**
   * As `columns`, some 2,000 rows at a time, which the database makes as they are asked for. Between
   * two the caller may ask for something else: these never take the last connection.
   */
  chunks(
    sql: string,
    values: DuckDBValue[] = [],
    signal?: AbortSignal,
  ): AsyncIterable<DuckDBDataChunk> {
    return this.#chunks((connection) => connection.stream(sql, values), signal, 1);
  }

  async *#chunks(
    ask: (connection: DuckDBConnection) => Promise<DuckDBResult>,
    signal: AbortSignal | undefined,
    left = 0,
  ): AsyncGenerator<DuckDBDataChunk, void> {
    const connection = await this.#take(left);
    const ended = this.#activity.begin();
    // Again and again, because a query that is about to start does not hear it yet.
    const watch = setInterval(() => {
      if (signal?.aborted) {
        connection.interrupt();
      }
    }, interruptEveryMs);
    try {
      signal?.throwIfAborted();
      const result = await ask(connection);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) {
          return;
        }
        yield chunk;
        signal?.throwIfAborted();
        if (this.#isClosed) {
          throw closedError();
        }
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#isClosed ? closedError() : error;
    } finally {
      clearInterval(watch);
      ended();
      this.#free.push(connection);
      this.#wake();
    }
  }

  /** All of them: the first may need more than is free. Who gets nothing waits on, in the same order. */
  #wake(): void {
    for (const proceed of this.#queue.splice(0)) {
      proceed();
    }
  }

  /** Ends running queries with an error, and resolves when none runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
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

  /** @param left So many more must be free. */
  async #take(left: number): Promise<DuckDBConnection> {
    while (!this.#isClosed) {
      const connection = this.#free.length > left ? this.#free.pop() : undefined;
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
  return new StoreError("store_closed");
}

/** What passes of time; a test has one of its own. */
interface Clock {
  /** In milliseconds, since any moment. */
  readonly nowMs: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

const machineClock: Clock = { nowMs: () => performance.now(), sleep: (ms) => setTimeout(ms) };

/** A query that has run so long is no longer waited for: commits go on beside it. */
const quickMs = 250;
/** An answer mostly takes several queries; between two of them nothing else need begin. */
const betweenMs = 3;
const pollIntervalMs = 2;
/** For so long a part of a commit waits at most, so that a steady stream of queries only slows it. */
const mostMs = 25;

/**
 * Lets what is read go before what is written: people wait for answers, while exports are sent from
 * queues. What upkeep reads counts too. Both need the same few processors and the one event loop.
 */
export class ReaderActivity {
  readonly #running = new Set<{ readonly atMs: number }>();
  readonly #clock: Clock;
  #lastEndedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock = machineClock) {
    this.#clock = clock;
  }

  /** A query begins. @returns What is to be called when it has ended. */
  begin(): () => void {
    const query = { atMs: this.#clock.nowMs() };
    this.#running.add(query);
    return () => {
      this.#running.delete(query);
      this.#lastEndedAtMs = this.#clock.nowMs();
    };
  }

  /** To be awaited before each part of a commit: lets events be handled, and quick queries end. */
  async pause(): Promise<void> {
    await setImmediate();
    const untilMs = this.#clock.nowMs() + mostMs;
    while (this.#isReading() && this.#clock.nowMs() < untilMs) {
      await this.#clock.sleep(pollIntervalMs);
    }
  }

  #isReading(): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#lastEndedAtMs < betweenMs) {
      return true;
    }
    for (const { atMs } of this.#running) {
      if (nowMs - atMs < quickMs) {
        return true;
      }
    }
    return false;
  }
}
