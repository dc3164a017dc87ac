import { setImmediate, setTimeout } from "node:timers/promises";

/** What passes of time; a test has one of its own. */
export interface Clock {
  /** In milliseconds, since any moment. */
  readonly nowMs: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

const machineClock: Clock = { nowMs: () => performance.now(), sleep: (ms) => setTimeout(ms) };

/** A query that has run so long is no longer waited for: commits go on beside it. */
const quickMs = 250;
/** An answer mostly takes several queries; between two of them nothing else need begin. */
const betweenMs = 3;
const lookEveryMs = 2;
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
      await this.#clock.sleep(lookEveryMs);
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
