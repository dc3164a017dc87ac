import { ReadError } from "./read-error.ts";

export interface QuerySlotsOptions {
  readonly running: number;
  readonly waiting: number;
}

/**
 * Lets a few queries run at once and some more wait. Each running one holds a thread that commits
 * need too, so never all of the store's readers are given to queries.
 */
export class QuerySlots {
  readonly #options: QuerySlotsOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: QuerySlotsOptions) {
    this.#options = options;
  }

  /** @throws ReadError `too_many_queries`, the signal's reason, or what the query throws. */
  async run<Answer>(query: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    await this.#enter(signal);
    try {
      signal.throwIfAborted();
      return await query();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    const { running, waiting } = this.#options;
    while (this.#running >= running) {
      if (this.#waiting.length >= waiting) {
        throw new ReadError("too_many_queries", { waiting });
      }
      await this.#turn(signal);
    }
    this.#running += 1;
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const proceed = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(proceed), 1);
        reject(signal.reason);
      };
      this.#waiting.push(proceed);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
