import { setImmediate } from "node:timers/promises";

/** For so long one piece of work lets everything else of the process wait. */
const turnMs = 10;

/** Divides long work into turns, between which exports are taken in and others get their answers. */
export class Turns {
  #endsAtMs = performance.now() + turnMs;

  /** Asked after each small step, because to wait each time would cost more than the work. */
  get isOver(): boolean {
    return performance.now() >= this.#endsAtMs;
  }

  async next(): Promise<void> {
    await setImmediate();
    this.#endsAtMs = performance.now() + turnMs;
  }
}
