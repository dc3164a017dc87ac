import type { LlamaContext, LlamaModel } from "node-llama-cpp";
import { BatchRounds } from "./batch-rounds.ts";
import type { Engine, EngineModelOptions, EngineStatus } from "./engine.ts";
import { EngineError } from "./engine-error.ts";
import type { NativeBackend } from "./native-backend.ts";
import { type CallGrammar, type OutputGrammar, OutputGrammars } from "./output-grammar.ts";
import { type PreparedPrompt, type PromptInput, PromptTokenizer } from "./prompt-tokenizer.ts";
import { LeasedSlot, maxReplacementTokens, type Slot } from "./slot.ts";
import { SlotPool } from "./slot-pool.ts";
import { type SamplingOptions, SlotSequence } from "./slot-sequence.ts";
import type { CallForm } from "./tool-calls/call-form.ts";
import type { ToolUse } from "./tool-calls/call-grammar.ts";

/**
 * For several models in one process, which then share the threads. The backend outlives the engine,
 * unless `onClosed` closes it.
 *
 * @throws EngineError model_unloadable, chat_template_endless, context_uncreatable
 */
export async function loadEngineOn(
  backend: NativeBackend,
  options: EngineModelOptions,
  onClosed?: () => Promise<void>,
): Promise<Engine> {
  const model = await loadModel(backend, options.modelPath);
  // Beside the context: starting the process that renders its chats takes as long.
  const opening = PromptTokenizer.open(model);
  opening.catch(() => undefined);
  try {
    const contextTokens = Math.min(options.contextTokens, model.trainContextSize);
    const { threads } = backend;
    const context = await createContext(model, { ...options, contextTokens, threads });
    const tokenizer = await opening;
    const dispose = async (): Promise<void> => {
      await context.dispose();
      await model.dispose();
      await onClosed?.();
    };
    return new LlamaEngine({ model, context, tokenizer, contextTokens, threads, options, dispose });
  } catch (error) {
    await opening.then(
      (tokenizer) => tokenizer.close(),
      () => undefined,
    );
    await model.dispose();
    throw error;
  }
}

async function loadModel(backend: NativeBackend, modelPath: string): Promise<LlamaModel> {
  try {
    return await backend.llama.loadModel({ modelPath });
  } catch (cause) {
    throw new EngineError("model_unloadable", { modelPath, cause });
  }
}

async function createContext(
  model: LlamaModel,
  options: Pick<EngineModelOptions, "slots" | "contextTokens" | "prefillChunkTokens"> & {
    readonly threads: number;
  },
): Promise<LlamaContext> {
  const { slots, contextTokens, prefillChunkTokens, threads } = options;
  try {
    return await model.createContext({
      sequences: slots,
      contextSize: contextTokens,
      threads,
      // One round must fit into one batch: a chunk of prompts and a step of each slot.
      batchSize: prefillChunkTokens + slots * maxReplacementTokens,
      batching: {
        // Rounds are composed to fit. The library's own way would cut what it need not cut.
        itemPrioritizationStrategy: ({ items }) =>
          items.map((item) => ({ item, processAmount: item.tokens.length })),
      },
    });
  } catch (cause) {
    throw new EngineError("context_uncreatable", { slots, contextTokens, cause });
  }
}

/** What a loaded engine is made of. */
interface LoadedParts {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly tokenizer: PromptTokenizer;
  readonly contextTokens: number;
  readonly threads: number;
  readonly options: EngineModelOptions;
  readonly dispose: () => Promise<void>;
}

class LlamaEngine implements Engine {
  readonly modelName: string;
  readonly tokenizerName: string;
  readonly hasChatTemplate: boolean;
  readonly contextTokens: number;
  readonly slotCount: number;
  readonly threads: number;
  readonly #dispose: () => Promise<void>;
  readonly #grammars: OutputGrammars;
  readonly #tokenizer: PromptTokenizer;
  readonly #rounds: BatchRounds;
  readonly #pool: SlotPool;
  #closing: Promise<void> | undefined;

  constructor({ model, context, tokenizer, options, dispose, ...parts }: LoadedParts) {
    this.#dispose = dispose;
    this.#grammars = new OutputGrammars(model);
    this.#tokenizer = tokenizer;
    this.#rounds = new BatchRounds({ promptTokensPerRound: options.prefillChunkTokens });
    this.#pool = new SlotPool({
      sequences: Array.from({ length: options.slots }, () => new SlotSequence(context)),
      queueLimit: options.queueLimit,
    });
    this.modelName = options.modelName;
    this.tokenizerName = this.#tokenizer.name;
    this.hasChatTemplate = this.#tokenizer.hasChatTemplate;
    this.contextTokens = parts.contextTokens;
    this.slotCount = options.slots;
    this.threads = parts.threads;
  }

  async prepare(input: PromptInput, signal: AbortSignal): Promise<PreparedPrompt> {
    this.#refuseHopeless(this.#tokenizer.fewestTokens(listTexts(input)));
    return await this.#tokenizer.prepare(input, signal);
  }

  tokenize(prepared: PreparedPrompt): number[] {
    return this.#tokenizer.tokenize(prepared);
  }

  compileSchema(schema: unknown): Promise<OutputGrammar> {
    return this.#grammars.compile(schema);
  }

  compileCalls(form: CallForm, use: ToolUse): Promise<CallGrammar> {
    return this.#grammars.compileCalls(form, use);
  }

  checkTokenBias(bias: SamplingOptions["tokenBias"] = new Map()): void {
    if ([...bias.keys()].every((token) => this.#tokenizer.canBeBiased(token))) {
      return;
    }
    throw new EngineError("bias_refused", { tokenCount: this.#tokenizer.tokenCount });
  }

  nameToken(token: number, precedingToken: number | undefined): string {
    return this.#tokenizer.nameToken(token, precedingToken);
  }

  tokenizeInside(characters: string): number[] {
    return this.#tokenizer.tokenizeInside(characters);
  }

  detokenize(tokens: readonly number[], precedingTokens: readonly number[]): string {
    return this.#tokenizer.detokenize(tokens, precedingTokens);
  }

  checkFits(tokens: readonly number[], maxTokens?: number | undefined): void {
    const wantedRoom = maxTokens === 0 ? 0 : 1;
    if (tokens.length + wantedRoom <= this.contextTokens) {
      return;
    }
    const { contextTokens } = this;
    throw new EngineError("context_length_exceeded", {
      promptTokens: tokens.length,
      isExact: true,
      contextTokens,
    });
  }

  /**
   * Tokenising blocks the event loop: a megabyte takes a second, and one of spaces ten. What can
   * never fit is refused before, so that it holds up nobody.
   */
  #refuseHopeless(fewestTokens: number): void {
    if (fewestTokens <= this.contextTokens) {
      return;
    }
    throw new EngineError("context_length_exceeded", {
      promptTokens: fewestTokens,
      isExact: false,
      contextTokens: this.contextTokens,
    });
  }

  async acquireSlot(request: {
    readonly tokens: readonly number[];
    readonly signal: AbortSignal;
  }): Promise<Slot> {
    const { tokens, signal } = request;
    if (tokens.length === 0) {
      throw new RangeError("A prompt needs at least one token.");
    }
    // Whether there is room for an answer is for the caller to check, before it waits.
    this.checkFits(tokens, 0);
    const lease = await this.#pool.acquire(tokens, signal);
    const dependencies = {
      rounds: this.#rounds,
      contextTokens: this.contextTokens,
      isClosing: () => this.#closing !== undefined,
    };
    return new LeasedSlot({ lease, promptTokens: tokens, dependencies });
  }

  status(): EngineStatus {
    return {
      slotsBusy: this.#pool.busyCount,
      queueLength: this.#pool.queueLength,
      rounds: this.#rounds.count,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#pool.close();
    this.#tokenizer.close();
    await this.#dispose();
  }
}

function listTexts(input: PromptInput): string[] {
  if (input.kind === "plain") {
    return [input.characters];
  }
  const { conversation, tools = [] } = input;
  const calls = conversation.flatMap(({ toolCalls = [] }) => toolCalls);
  const json = [...tools, ...calls].map((item) => JSON.stringify(item));
  return [...conversation.map((message) => message.content), ...json];
}
