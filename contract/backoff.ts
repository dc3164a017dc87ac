export interface BackoffOptions {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** Whether a delay lies between half of it and all of it, so that many who failed at once do not return at once. */
  readonly isSpread: boolean;
}

/** Exponential back-off: how long to wait before the next attempt, twice as long after each failure. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** After a failure. */
  nextDelayMs(): number {
    const { firstDelayMs, maxDelayMs, isSpread } = this.#options;
    const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** this.#failures);
    this.#failures += 1;
    return isSpread ? delayMs * (0.5 + Math.random() / 2) : delayMs;
  }

  /** After a success: the next failure is a first one again. */
  reset(): void {
    this.#failures = 0;
  }
}
