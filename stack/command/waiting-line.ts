import { writeStatus } from "./terminal.ts";

const silenceMs = 2_000;
const renewedEveryMs = 1_000;

/**
 * A line at the bottom of a terminal that says for how long a command has been silent, so that nobody takes work for
 * standing still. Nothing where stderr is no terminal.
 */
export class WaitingLine {
  #timer: NodeJS.Timeout | undefined;
  #silentSince = performance.now();
  #isShown = false;

  start(): void {
    if (process.stderr.isTTY) {
      this.#silentSince = performance.now();
      this.#timer = setInterval(() => this.#renew(), renewedEveryMs).unref();
    }
  }

  /** Before anything else is written. */
  clear(): void {
    this.#silentSince = performance.now();
    if (this.#isShown) {
      this.#isShown = false;
      writeStatus(process.stderr, "");
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #renew(): void {
    const silentMs = performance.now() - this.#silentSince;
    if (silentMs >= silenceMs) {
      this.#isShown = true;
      writeStatus(process.stderr, `Working for ${Math.round(silentMs / 1000)} s …`);
    }
  }
}
