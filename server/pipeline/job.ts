import type { spans } from "#miniserve";
import type {
  AnswerPiece,
  Engine,
  PromptInput,
  SamplingOptions,
  ToolUse,
} from "../llama/engine/index.ts";
import type { Log } from "../logging/index.ts";
import type { Retriever } from "../retrieval/index.ts";
import type { RequestTrace } from "../tracing/index.ts";

/** What to look for passages in, and how many. */
export interface RetrievalParameters {
  readonly index: string;
  /** How many passages the search finds. */
  readonly topK: number;
  /** How many of them, the best, go to the model. */
  readonly rerankK: number;
}

/** How to generate. */
export interface GenerationParameters extends SamplingOptions {
  /** What the client wants the model to go on from. */
  readonly input: PromptInput;
  /** More of them, which are answered after it, each by itself; never beside retrieval. */
  readonly furtherInputs: readonly PromptInput[];
  /** How many answers each input gets. */
  readonly answersPerInput: number;
  /** Undefined means: as much as fits. */
  readonly maxTokens: number | undefined;
  readonly stopStrings: readonly string[];
  /** The answer is JSON that is valid by this JSON Schema. Undefined means: any text. */
  readonly jsonSchema: object | boolean | undefined;
  /** How the model may call tools; never beside a schema. Undefined for none. */
  readonly toolUse: ToolUse | undefined;
  /** Undefined for a request without retrieval. */
  readonly retrieval: RetrievalParameters | undefined;
}

/** The passages that the model got, without what they say. */
export interface UsedPassages {
  readonly index: string;
  readonly documents: readonly {
    readonly id: string;
    readonly title: string;
    readonly score: number;
  }[];
}

/** The answer to one input. */
export interface Choice {
  readonly characters: string;
  readonly calls: readonly MadeCall[];
  readonly finishReason: "stop" | "length" | "tool_calls";
  /** Each token of the answer, where `listedCandidates` asks for it. */
  readonly tokens: readonly SaidToken[] | undefined;
}

/** A token of an answer, with what might have stood in its place, the likeliest first. */
export interface SaidToken extends NamedToken {
  readonly candidates: readonly NamedToken[];
}

interface NamedToken {
  readonly name: string;
  /** Natural logarithm of the probability. */
  readonly logProbability: number;
}

/** A call of a tool, with its arguments as the JSON that was generated; of an answer that is cut, a part. */
export interface MadeCall {
  readonly id: string;
  readonly name: string;
  readonly json: string;
}

/** What was generated. */
export interface Generation {
  /** Those of each input, in the order of the inputs. */
  readonly choices: readonly Choice[];
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly cacheHits: number;
  readonly retrieval?: UsedPassages | undefined;
}

/** Where the answer goes while and after it is generated. */
export interface Output {
  /**
   * Called with each piece as it comes, and with the tokens since the last, where they are asked for;
   * generation waits until it is taken. At the end tokens may come with an empty text.
   */
  piece(
    piece: AnswerPiece,
    choiceIndex: number,
    tokens: readonly SaidToken[] | undefined,
  ): Promise<void>;
  /** Puts the whole into its form; called once, in the last stage. */
  finish(generation: Generation): Promise<void>;
}

/** One generation on its way through the stages. */
export interface Job {
  readonly engine: Engine;
  readonly retriever: Retriever;
  readonly trace: RequestTrace<typeof spans.handler>;
  readonly log: Log;
  readonly parameters: GenerationParameters;
  readonly output: Output;
  /** Every how many decode steps one has a span of its own; 0 for none. */
  readonly stepSpansEvery: number;
  /** Aborted with a `RequestInterrupted`. */
  readonly signal: AbortSignal;
}

/** Why a request stops before its end: outcomes of the contract with an interrupted tree. */
export type Interruption = "aborted" | "timeout" | "shutdown";

/** The reason of a request's abort signal, thrown by whatever was running. */
export class RequestInterrupted extends Error {
  override readonly name = "RequestInterrupted";
  readonly outcome: Interruption;

  constructor(outcome: Interruption) {
    super(`The request was interrupted: ${outcome}.`);
    this.outcome = outcome;
  }
}

export function isInterruption(thrown: unknown): thrown is RequestInterrupted {
  return thrown instanceof RequestInterrupted;
}

/** The input has no tokens, so there is nothing to go on from. */
export class EmptyInput extends Error {
  override readonly name = "EmptyInput";

  constructor() {
    super("The input has no tokens.");
  }
}
