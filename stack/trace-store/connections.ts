/** A connection of TCP, or a session of HTTP/2. */
interface Connection {
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

interface Use {
  /** Whether anything was ever answered on it. */
  isServed: boolean;
  /** Whole requests that are being answered now. */
  answering: number;
}

/**
 * Bounds the connections of a listener, without letting those that ask for nothing lock others out:
 * where all places are taken, a new one gets that of the oldest which never sent a whole request; if
 * there is none, of the oldest on which nothing is being answered.
 */
export class Connections<Each extends Connection> {
  readonly #most: number;
  readonly #end: (connection: Each) => void;
  /** From the oldest to the newest. */
  readonly #open = new Map<Each, Use>();

  /** @param end How one that has to go is told so, where the protocol has words for it. */
  constructor(
    most: number,
    end = (connection: Each): void => {
      connection.destroy();
    },
  ) {
    this.#most = most;
    this.#end = end;
  }

  [Symbol.iterator](): IterableIterator<Each> {
    return this.#open.keys();
  }

  /** False when all others are at work: then it is ended at once. */
  add(connection: Each): boolean {
    if (this.#open.size >= this.#most && !this.#makeRoom()) {
      connection.destroy();
      return false;
    }
    this.#open.set(connection, { isServed: false, answering: 0 });
    connection.once("close", () => this.#open.delete(connection));
    return true;
  }

  /** A whole request has come. */
  begin(connection: Each): void {
    const use = this.#open.get(connection);
    if (use !== undefined) {
      use.answering += 1;
    }
  }

  /** It is answered, whatever of the answer is still on its way. */
  end(connection: Each): void {
    const use = this.#open.get(connection);
    if (use !== undefined) {
      use.answering -= 1;
      use.isServed = true;
    }
  }

  isAnswering(connection: Each): boolean {
    return (this.#open.get(connection)?.answering ?? 0) > 0;
  }

  isServed(connection: Each): boolean {
    return this.#open.get(connection)?.isServed === true;
  }

  #makeRoom(): boolean {
    let idle: Each | undefined;
    for (const [connection, { isServed, answering }] of this.#open) {
      if (answering === 0 && !isServed) {
        idle = connection;
        break;
      }
      idle ??= answering === 0 ? connection : undefined;
    }
    if (idle === undefined) {
      return false;
    }
    this.#open.delete(idle);
    this.#end(idle);
    return true;
  }
}
