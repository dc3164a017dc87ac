import type { ChatMessage } from "./chat-template.ts";
import type { NativeBackendOptions } from "./native-backend.ts";
import type { Slot } from "./slot.ts";

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

export interface EngineOptions extends EngineModelOptions, NativeBackendOptions {}

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
   * A text to continue. What looks like a control token in it is plain text.
   *
   * @throws EngineError context_length_exceeded, for text that is far too long to be tokenised
   */
  tokenizeText(text: string): number[];
  /**
   * A conversation in the model's own template, up to where the assistant speaks.
   *
   * @throws EngineError chat_template_missing, chat_messages_refused, context_length_exceeded
   */
  tokenizeChat(messages: readonly ChatMessage[]): number[];
  detokenize(tokens: readonly number[], precedingTokens: readonly number[]): string;
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
