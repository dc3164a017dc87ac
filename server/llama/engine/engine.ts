import type { CallGrammar, OutputGrammar } from "./output-grammar.ts";
import type { PreparedPrompt, PromptInput } from "./prompt-tokenizer.ts";
import type { Slot } from "./slot.ts";
import type { SamplingOptions } from "./slot-sequence.ts";
import type { CallForm } from "./tool-calls/call-form.ts";
import type { ToolUse } from "./tool-calls/call-grammar.ts";

export interface EngineModelOptions {
  readonly modelPath: string;
  readonly modelName: string;
  /** How many requests are evaluated at the same time. Each slot has its own cache. */
  readonly slots: number;
  /** Tokens a slot holds, prompt and answer together; never more than the model was trained for. */
  readonly contextTokens: number;
  /** How many requests may wait for a slot; 0 refuses whenever all slots are busy. */
  readonly queueLimit: number;
  /** Tokens of prompts evaluated in one go, all slots together: how long a step may be held up. */
  readonly prefillChunkTokens: number;
}

export interface EngineStatus {
  readonly slotsBusy: number;
  readonly queueLength: number;
  /** Batches given to llama.cpp since the start; stands still while nothing runs. */
  readonly rounds: number;
}

/** A loaded model that answers several requests at once. It knows nothing of HTTP or tracing. */
export interface Engine {
  readonly modelName: string;
  /** Only characters of [a-z0-9._/-], for example "gpt2/smollm". */
  readonly tokenizerName: string;
  readonly hasChatTemplate: boolean;
  readonly contextTokens: number;
  readonly slotCount: number;
  readonly threads: number;
  /**
   * Everything that can be refused about a prompt before it is tokenised: a conversation is put into
   * the model's own template, up to where the assistant speaks, and what can never fit is found out
   * without counting its tokens.
   *
   * @throws EngineError chat_template_missing, chat_messages_refused, chat_template_endless, or
   *   context_length_exceeded with a lower bound of the tokens; or the signal's reason
   */
  prepare(input: PromptInput, signal: AbortSignal): Promise<PreparedPrompt>;
  /** Tokens of a prompt. What looks like a control token in what a client wrote is plain text. */
  tokenize(prepared: PreparedPrompt): number[];
  /**
   * What holds an answer to the JSON that is valid by a schema. Bounded in time and size, whatever
   * the schema.
   *
   * @throws EngineError schema_refused
   */
  compileSchema(schema: unknown): Promise<OutputGrammar>;
  /**
   * What holds the calls of an answer to their tools, in the form that the prompt was prepared with.
   *
   * @throws EngineError tools_refused
   */
  compileCalls(form: CallForm, use: ToolUse): Promise<CallGrammar>;
  detokenize(tokens: readonly number[], precedingTokens: readonly number[]): string;
  /** Text of one token, its name for a control token. */
  nameToken(token: number, precedingToken: number | undefined): string;
  /** Tokens of a text that continues another. */
  tokenizeInside(characters: string): number[];
  /**
   * Only tokens of the vocabulary can be biased, and of these none that ends an answer.
   *
   * @throws EngineError bias_refused
   */
  checkTokenBias(bias: SamplingOptions["tokenBias"]): void;
  /**
   * A prompt must leave room for one token of the answer, unless none is wanted. More tokens wanted
   * than there is room for is no error: the answer then ends with "length".
   *
   * @throws EngineError context_length_exceeded
   */
  checkFits(tokens: readonly number[], maxTokens?: number | undefined): void;
  /**
   * Waits its turn for a slot. The caller must release what it gets.
   *
   * @throws EngineError queue_full, engine_closed, context_length_exceeded; or the signal's reason
   */
  acquireSlot(request: {
    readonly tokens: readonly number[];
    readonly signal: AbortSignal;
  }): Promise<Slot>;
  status(): EngineStatus;
  /**
   * Turns waiting requests away, stops running ones after their step or chunk, and frees the memory
   * once all slots are released.
   */
  close(): Promise<void>;
}
