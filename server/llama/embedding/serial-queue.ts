/** Runs work one after the other, in the order of asking; who no longer waits is passed over. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** How many wait or run. */
  get length(): number {
    return this.#waiting;
  }

  /** @throws the signal's reason, or whatever `work` throws. */
  async run<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const previous = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = previous.then(() => turn.promise);
    this.#waiting += 1;
    try {
      await untilAborted(previous, signal);
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#waiting -= 1;
      turn.resolve();
    }
  }

  /** Resolves when all that was asked for so far is over. */
  async idle(): Promise<void> {
    await this.#last;
  }
}

function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}
