import type { AnswerPiece, Engine, TokenChances } from "../llama/engine/index.ts";
import type { Choice, MadeCall, SaidToken } from "./job.ts";

/** The tokens of an answer by their names, where they are asked for. */
export class SaidTokens {
  /** Undefined where they are not asked for. */
  readonly all: SaidToken[] | undefined;
  readonly #engine: Pick<Engine, "nameToken">;
  #lastToken: number | undefined;
  #given = 0;

  constructor(options: {
    readonly engine: Pick<Engine, "nameToken">;
    readonly areAskedFor: boolean;
    readonly lastToken: number | undefined;
  }) {
    this.#engine = options.engine;
    this.#lastToken = options.lastToken;
    this.all = options.areAskedFor ? [] : undefined;
  }

  get hasNew(): boolean {
    return this.all !== undefined && this.#given < this.all.length;
  }

  add({ token, chances }: { readonly token: number; readonly chances?: TokenChances }): void {
    if (chances !== undefined) {
      const { probability, candidates } = chances;
      const named = candidates.map((candidate) => this.#name(candidate));
      this.all?.push({ ...this.#name({ token, probability }), candidates: named });
    }
    this.#lastToken = token;
  }

  takeNew(): readonly SaidToken[] | undefined {
    const fresh = this.all?.slice(this.#given);
    this.#given += fresh?.length ?? 0;
    return fresh;
  }

  #name({
    token,
    probability,
  }: {
    token: number;
    probability: number;
  }): Omit<SaidToken, "candidates"> {
    const name = this.#engine.nameToken(token, this.#lastToken);
    // JSON has no infinity, and OpenAI writes this for what is all but impossible.
    return { name, logProbability: probability > 0 ? Math.log(probability) : -9999 };
  }
}

/** An answer, put together from its pieces. */
export class SaidSoFar {
  readonly #text: string[] = [];
  readonly #calls: { readonly id: string; readonly name: string; readonly json: string[] }[] = [];

  add(piece: AnswerPiece): void {
    switch (piece.kind) {
      case "text":
        this.#text.push(piece.characters);
        break;
      case "call":
        this.#calls.push({ id: piece.id, name: piece.name, json: [] });
        break;
      case "arguments":
        this.#calls[piece.call]?.json.push(piece.characters);
        break;
      default:
        piece satisfies never;
    }
  }

  choice(isWhole: boolean): Omit<Choice, "tokens"> {
    const calls = this.#calls.map(
      ({ json, ...call }): MadeCall => ({ ...call, json: json.join("") }),
    );
    const ended = calls.length > 0 ? "tool_calls" : "stop";
    return { characters: this.#text.join(""), calls, finishReason: isWhole ? ended : "length" };
  }
}
