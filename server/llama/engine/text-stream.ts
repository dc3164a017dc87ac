import { type Detokenize, IncrementalDetokenizer } from "./incremental-detokenizer.ts";
import { StopStrings } from "./stop-strings.ts";

export interface TextDelta {
  /** Text that cannot change any more, often empty. */
  readonly delta: string;
  /** A stop string came: the text ends with this delta, and generation should end too. */
  readonly stopped: boolean;
}

/** Generated tokens in, text out: whole characters only, and nothing of a stop string. */
export class TextStream {
  readonly #detokenizer: IncrementalDetokenizer;
  readonly #stopStrings: StopStrings;

  constructor(options: {
    readonly engine: { readonly detokenize: Detokenize };
    /** The text continues after these; some vocabularies leave out a space at the beginning. */
    readonly promptTokens: readonly number[];
    readonly stopStrings: readonly string[];
  }) {
    const { engine, promptTokens, stopStrings } = options;
    this.#detokenizer = new IncrementalDetokenizer({
      detokenize: (tokens, precedingTokens) => engine.detokenize(tokens, precedingTokens),
      precedingTokens: promptTokens,
    });
    this.#stopStrings = new StopStrings(stopStrings);
  }

  /** Nothing is to be pushed after a stop. */
  push(token: number): TextDelta {
    return this.#stopStrings.push(this.#detokenizer.push(token));
  }

  /**
   * What was held back, when the answer has ended; nothing after a stop string. A character that
   * the last token left unfinished is dropped.
   */
  end(): string {
    return this.#stopStrings.flush();
  }
}
