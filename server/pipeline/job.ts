import type { spans } from "#contract";
import type { Engine } from "../llama/engine/index.ts";
import type { Log } from "../logging/index.ts";
import type { RequestTrace } from "../tracing/index.ts";

export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant";
  readonly content: string;
}

/** What the client wants the model to go on from. */
export type GenerationInput =
  | { readonly kind: "plain"; readonly characters: string }
  | { readonly kind: "chat"; readonly conversation: readonly ChatMessage[] };

/** How to generate. */
export interface GenerationParameters {
  readonly input: GenerationInput;
  /** Undefined means: as much as fits. */
  readonly maxTokens: number | undefined;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number | undefined;
  readonly stopStrings: readonly string[];
}

/** What was generated. */
export interface Generation {
  readonly characters: string;
  readonly finishReason: "stop" | "length";
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly cacheHits: number;
}

/** Where the answer goes while and after it is generated. */
export interface Output {
  readonly format: "text" | "json";
  /** Called with each piece as it comes; generation waits until it is taken. */
  piece(characters: string): Promise<void>;
  /** Puts the whole into its form; called once, in the last stage. */
  finish(generation: Generation): Promise<void>;
}

/** One generation on its way through the stages. */
export interface Job {
  readonly engine: Engine;
  readonly trace: RequestTrace<typeof spans.handler>;
  readonly log: Log;
  readonly parameters: GenerationParameters;
  readonly output: Output;
  /** Aborted with a `RequestInterrupted`. */
  readonly signal: AbortSignal;
}
