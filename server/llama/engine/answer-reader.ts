import { randomBytes } from "node:crypto";
import type { CallGrammar } from "./output-grammar.ts";
import type { Steering } from "./slot.ts";
import { IncrementalDetokenizer, StopStrings } from "./text-stream.ts";
import { CallReader } from "./tool-calls/call-reader.ts";
import { CallWatch } from "./tool-calls/call-watch.ts";

/** What of an answer has come. Calls are counted from 0; their arguments come as pieces of JSON. */
export type AnswerPiece =
  | { readonly kind: "text"; readonly characters: string }
  | { readonly kind: "call"; readonly call: number; readonly id: string; readonly name: string }
  | { readonly kind: "arguments"; readonly call: number; readonly characters: string };

interface Read {
  readonly pieces: readonly AnswerPiece[];
  /** A stop string came: the answer ends with these pieces, and generation should end too. */
  readonly stopped: boolean;
}

/** What a reader asks of the engine. */
interface TokenTexts {
  detokenize(tokens: readonly number[], precedingTokens: readonly number[]): string;
  tokenizeInside(characters: string): number[];
}

/**
 * Generated tokens in, what they say out: whole characters only, nothing of a stop string, and calls of
 * tools apart from the text. It steers the slot: from what announces a call on, the grammar holds.
 */
export class AnswerReader implements Steering {
  readonly #engine: TokenTexts;
  readonly #detokenizer: IncrementalDetokenizer;
  readonly #stopStrings: StopStrings;
  readonly #calls: CallGrammar | undefined;
  readonly #watch: CallWatch | undefined;
  readonly #reader: CallReader | undefined;
  #isConstrained: boolean;
  #replacement: readonly number[] | undefined;
  #callCount = 0;

  constructor(options: {
    readonly engine: TokenTexts;
    /** The text continues after these; some vocabularies leave out a space at the beginning. */
    readonly promptTokens: readonly number[];
    /** They end text, and stand in a call like anything else. */
    readonly stopStrings: readonly string[];
    readonly calls?: CallGrammar | undefined;
  }) {
    const { engine, promptTokens, stopStrings, calls } = options;
    this.#engine = engine;
    this.#detokenizer = new IncrementalDetokenizer({
      detokenize: (tokens, precedingTokens) => engine.detokenize(tokens, precedingTokens),
      precedingTokens: promptTokens,
    });
    this.#stopStrings = new StopStrings(stopStrings);
    this.#calls = calls;
    this.#watch = calls?.trigger && new CallWatch(calls.trigger);
    this.#reader = calls && new CallReader(calls.form);
    this.#isConstrained = calls?.trigger === undefined;
  }

  get callCount(): number {
    return this.#callCount;
  }

  /** Whether the next token must be one of the grammar's. */
  get isConstrained(): boolean {
    return this.#isConstrained;
  }

  /** What stands in the answer in place of the last token; to be asked for after each. */
  takeReplacement(): readonly number[] | undefined {
    const replacement = this.#replacement;
    this.#replacement = undefined;
    return replacement;
  }

  /** Nothing is to be pushed after a stop. */
  push(token: number): Read {
    const shown = this.#calls?.shownTokens.get(token);
    const piece = shown ?? this.#detokenizer.push(token);
    if (this.#reader !== undefined && this.#isConstrained) {
      return { pieces: this.#readCalls(piece), stopped: false };
    }
    if (this.#watch === undefined) {
      return this.#readText(piece);
    }
    const { text, call, excess } = this.#watch.push(piece);
    const read = this.#readText(text);
    if (call === undefined || read.stopped) {
      return read;
    }
    this.#beginCalls(piece, excess);
    const pieces = [
      ...read.pieces,
      ...asText(this.#stopStrings.flush()),
      ...this.#readCalls(call.slice(0, call.length - excess)),
    ];
    return { pieces, stopped: false };
  }

  /**
   * What was held back, when the answer has ended; nothing after a stop string. A character that
   * the last token left unfinished is dropped.
   */
  end(): readonly AnswerPiece[] {
    if (this.#watch === undefined || this.#isConstrained) {
      return asText(this.#stopStrings.flush());
    }
    const { pieces, stopped } = this.#readText(this.#watch.end());
    return stopped ? pieces : [...pieces, ...asText(this.#stopStrings.flush())];
  }

  /** The grammar begins behind what announces a call: of a token that reaches further, that part stays. */
  #beginCalls(piece: string, excess: number): void {
    this.#isConstrained = true;
    if (excess > 0) {
      this.#replacement = this.#engine.tokenizeInside(piece.slice(0, piece.length - excess));
    }
  }

  #readText(text: string): Read {
    const { delta, stopped } = this.#stopStrings.push(text);
    return { pieces: asText(delta), stopped };
  }

  #readCalls(characters: string): AnswerPiece[] {
    const pieces = this.#reader?.push(characters) ?? [];
    return pieces.map((piece): AnswerPiece => {
      if (piece.kind === "arguments") {
        return { ...piece, call: this.#callCount - 1 };
      }
      this.#callCount += 1;
      const id = `call_${randomBytes(12).toString("hex")}`;
      return { ...piece, call: this.#callCount - 1, id };
    });
  }
}

function asText(characters: string): AnswerPiece[] {
  return characters === "" ? [] : [{ kind: "text", characters }];
}
