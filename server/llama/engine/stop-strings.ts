/**
 * Cuts text off where the first stop string completes, however the text arrives in pieces. What
 * may be the beginning of a stop string is held back until it is clear, so half of one never gets
 * out. Where several complete at the same character, the longest counts.
 */
export class StopStrings {
  readonly #stopStrings: readonly string[];
  readonly #longest: number;
  #held = "";

  constructor(stopStrings: readonly string[]) {
    // An empty string would stop everything, and half a surrogate pair stands in no text but would
    // cut a character in two.
    this.#stopStrings = stopStrings.filter((stop) => stop !== "" && stop.isWellFormed());
    this.#longest = Math.max(0, ...this.#stopStrings.map((stop) => stop.length));
  }

  push(piece: string): { readonly delta: string; readonly stopped: boolean } {
    const text = this.#held + piece;
    const stopStart = this.#findFirst(text);
    if (stopStart !== undefined) {
      this.#held = "";
      return { delta: text.slice(0, stopStart), stopped: true };
    }
    const safeLength = text.length - this.#possibleBeginningLength(text);
    this.#held = text.slice(safeLength);
    return { delta: text.slice(0, safeLength), stopped: false };
  }

  /** At the end of the text, what was held back is ordinary text. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  /** Where the stop string starts that completes first. */
  #findFirst(text: string): number | undefined {
    let firstEnd = Number.POSITIVE_INFINITY;
    let start: number | undefined;
    for (const stop of this.#stopStrings) {
      const found = text.indexOf(stop);
      if (found === -1) continue;
      const end = found + stop.length;
      if (end > firstEnd || (end === firstEnd && start !== undefined && found > start)) continue;
      firstEnd = end;
      start = found;
    }
    return start;
  }

  /** The length of the longest end of the text with which a stop string begins. */
  #possibleBeginningLength(text: string): number {
    for (let length = Math.min(this.#longest - 1, text.length); length > 0; length--) {
      const end = text.slice(-length);
      if (this.#stopStrings.some((stop) => stop.length > length && stop.startsWith(end))) {
        return length;
      }
    }
    return 0;
  }
}
