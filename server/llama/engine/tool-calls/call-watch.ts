import { StopStrings } from "../text-stream.ts";
import type { CallTrigger } from "./call-form.ts";

interface Watched {
  /** Text of the answer that cannot become part of a call any more. */
  readonly text: string;
  /** From what announces a call on; undefined while none has come. */
  readonly call: string | undefined;
  /** How much of the piece stands behind what announces the call. */
  readonly excess: number;
}

/**
 * Tells the text of an answer from the calls behind it. White space is held back until more text comes,
 * so that an answer of calls alone has none.
 */
export class CallWatch {
  readonly #trigger: CallTrigger;
  readonly #strings: StopStrings;
  #start: string | undefined = "";
  #spaces = "";

  constructor(trigger: CallTrigger) {
    this.#trigger = trigger;
    this.#strings = new StopStrings(trigger.texts);
  }

  push(piece: string): Watched {
    return this.#trigger.isAtStart ? this.#atStart(piece) : this.#anywhere(piece);
  }

  /** What was held back, when the answer has ended. */
  end(): string {
    return this.#spaces + (this.#start ?? "") + this.#strings.flush();
  }

  #anywhere(piece: string): Watched {
    const { delta, stopped, stop, rest } = this.#strings.push(piece);
    const text = this.#withoutSpaces(delta);
    return { text, call: stopped ? stop + rest : undefined, excess: rest.length };
  }

  /** All that came so far is held as long as it may still become a call. */
  #atStart(piece: string): Watched {
    if (this.#start === undefined) {
      return { text: piece, call: undefined, excess: 0 };
    }
    this.#start += piece;
    const start = this.#start.trimStart();
    const { texts } = this.#trigger;
    const found = texts.find((text) => start.startsWith(text));
    if (found !== undefined) {
      this.#start = undefined;
      return { text: "", call: start, excess: start.length - found.length };
    }
    if (texts.some((text) => text.startsWith(start))) {
      return { text: "", call: undefined, excess: 0 };
    }
    const text = this.#start;
    this.#start = undefined;
    return { text, call: undefined, excess: 0 };
  }

  #withoutSpaces(delta: string): string {
    const text = this.#spaces + delta;
    const kept = text.trimEnd();
    this.#spaces = text.slice(kept.length);
    return kept;
  }
}
