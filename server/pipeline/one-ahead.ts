import { setImmediate as turnOfEventLoop } from "node:timers/promises";

/** Turns from asking the engine for a step to the model computing it: its rounds, then its batches. */
const turnsUntilComputing = 2;

/**
 * Steps of a model, of which the next may begin while the last is still being dealt with: writing a
 * token to a client costs a system call, in which the model would stand idle. Never more than one
 * ahead, so that a client who reads slowly holds its own generation up.
 */
export class OneAhead<Step> {
  readonly #steps: AsyncGenerator<Step, void>;
  readonly #onStep: (step: Step) => void;
  #next: Promise<Step | undefined> | undefined;

  /** @param onStep Hears of each step as soon as it has ended, also of one that nobody takes. */
  constructor(steps: AsyncGenerator<Step, void>, onStep: (step: Step) => void) {
    this.#steps = steps;
    this.#onStep = onStep;
  }

  /** Lets the next step begin. Resolves when the model is at it, and this thread is free. */
  async begin(): Promise<void> {
    this.#next ??= this.#run();
    // Whoever takes the step gets its error; when nobody does, it must not end the process.
    this.#next.catch(() => {});
    for (let turns = 0; turns < turnsUntilComputing; turns += 1) {
      await turnOfEventLoop();
    }
  }

  /** The next step, or undefined behind the last. */
  take(): Promise<Step | undefined> {
    const next = this.#next ?? this.#run();
    this.#next = undefined;
    return next;
  }

  /** Takes no more steps; resolves when none runs any more. */
  async leave(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#steps.return();
  }

  async #run(): Promise<Step | undefined> {
    const { done, value } = await this.#steps.next();
    if (done === true) {
      return undefined;
    }
    this.#onStep(value);
    return value;
  }
}
