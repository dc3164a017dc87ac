const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** A child that ran this long had recovered: its next fall is a new one. */
const recoveredAfterMs = 60_000;

/** How long to wait before a child is started again: longer each time, until it stays up. */
export class BackOff {
  #falls = 0;

  nextDelayMs(ranForMs: number): number {
    this.#falls = ranForMs >= recoveredAfterMs ? 0 : this.#falls;
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** this.#falls);
    this.#falls += 1;
    return delayMs;
  }
}
