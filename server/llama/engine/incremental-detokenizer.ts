/** Text of tokens that follow other tokens. Bytes that are no character come out as U+FFFD. */
export type Detokenize = (tokens: readonly number[], precedingTokens: readonly number[]) => string;

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
    if (isOpen) this.#givenOfOpen += given.length;
    else this.#closeTokens();
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
