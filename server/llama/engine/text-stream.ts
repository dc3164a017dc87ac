interface TextDelta {
  /** Text that cannot change any more, often empty. */
  readonly delta: string;
  /** A stop string came: the text ends with this delta. */
  readonly stopped: boolean;
  /** The stop string, and what of the piece stands behind it. */
  readonly stop: string;
  readonly rest: string;
}

/** Text of tokens that follow other tokens. Bytes that are no character come out as U+FFFD. */
type Detokenize = (tokens: readonly number[], precedingTokens: readonly number[]) => string;

/** What stands for a byte that is no character, and for the first bytes of one that is not whole. */
const replacementCharacter = "\uFFFD";

/** Vocabularies look back by a few tokens at most to decide about spaces. */
const precedingTokenCount = 4;

/** Only text made of nothing but broken bytes stays open for so long. */
const longestOpenTokens = 64;

/**
 * Turns tokens into text one by one. A character may be spread over several tokens; it comes out
 * when it is whole, and never in parts.
 */
export class IncrementalDetokenizer {
  readonly #detokenize: Detokenize;
  #precedingTokens: readonly number[];
  /** Tokens since the last point where text and tokens ended together. */
  #openTokens: number[] = [];
  #givenOfOpen = 0;

  constructor(options: {
    readonly detokenize: Detokenize;
    readonly precedingTokens: readonly number[];
  }) {
    this.#detokenize = options.detokenize;
    this.#precedingTokens = options.precedingTokens.slice(-precedingTokenCount);
  }

  /** The text that this token completes, often empty for parts of a character. */
  push(token: number): string {
    this.#openTokens.push(token);
    const text = this.#detokenize(this.#openTokens, this.#precedingTokens);
    const isOpen =
      text.endsWith(replacementCharacter) && this.#openTokens.length < longestOpenTokens;
    // Only the last replacement character can still become something else: bytes before it are
    // followed by bytes that do not complete them.
    const given = text.slice(this.#givenOfOpen, isOpen ? -replacementCharacter.length : undefined);
    if (isOpen) {
      this.#givenOfOpen += given.length;
    } else {
      this.#closeTokens();
    }
    return given;
  }

  #closeTokens(): void {
    this.#precedingTokens = [...this.#precedingTokens, ...this.#openTokens].slice(
      -precedingTokenCount,
    );
    this.#openTokens = [];
    this.#givenOfOpen = 0;
  }
}

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

  push(piece: string): TextDelta {
    const text = this.#held + piece;
    const found = this.#findFirst(text);
    if (found !== undefined) {
      this.#held = "";
      const { start, end } = found;
      const delta = text.slice(0, start);
      return { delta, stopped: true, stop: text.slice(start, end), rest: text.slice(end) };
    }
    const safeLength = text.length - this.#possibleBeginningLength(text);
    this.#held = text.slice(safeLength);
    return { delta: text.slice(0, safeLength), stopped: false, stop: "", rest: "" };
  }

  /** At the end of the text, what was held back is ordinary text. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  /** Where the stop string stands that completes first. */
  #findFirst(text: string): { readonly start: number; readonly end: number } | undefined {
    let firstEnd = Number.POSITIVE_INFINITY;
    let start: number | undefined;
    for (const stop of this.#stopStrings) {
      const found = text.indexOf(stop);
      if (found === -1) {
        continue;
      }
      const end = found + stop.length;
      if (end > firstEnd || (end === firstEnd && start !== undefined && found > start)) {
        continue;
      }
      firstEnd = end;
      start = found;
    }
    return start === undefined ? undefined : { start, end: firstEnd };
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
