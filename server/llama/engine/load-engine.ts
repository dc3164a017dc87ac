import type { LlamaContext, LlamaModel } from "node-llama-cpp";
import type { Engine, EngineModelOptions, EngineOptions } from "./engine.ts";
import { EngineError } from "./engine-error.ts";
import { LlamaEngine } from "./llama-engine.ts";
import { type NativeBackend, openNativeBackend } from "./native-backend.ts";
import { PromptTokenizer } from "./prompt-tokenizer.ts";

/** @throws EngineError backend_unavailable, model_unloadable, chat_template_endless, context_uncreatable */
export async function loadEngine(options: EngineOptions): Promise<Engine> {
  const backend = await openNativeBackend(options);
  try {
    return await loadEngineOn(backend, options, () => backend.llama.dispose());
  } catch (error) {
    await backend.llama.dispose();
    throw error;
  }
}

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
    throw new EngineError({ code: "model_unloadable", modelPath }, { cause });
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
      batchSize: prefillChunkTokens + slots,
      batching: {
        // Rounds are composed to fit. The library's own way would cut what it need not cut.
        itemPrioritizationStrategy: ({ items }) =>
          items.map((item) => ({ item, processAmount: item.tokens.length })),
      },
    });
  } catch (cause) {
    throw new EngineError({ code: "context_uncreatable", slots, contextTokens }, { cause });
  }
}
