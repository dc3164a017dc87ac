/**
 * node-llama-cpp without a server around it: a loop over the tokens for each stream, as its
 * documentation has it. What the server is measured against, in a process of its own.
 */
import {
  getLlama,
  type LlamaContext,
  type LlamaContextSequence,
  LlamaLogLevel,
  type LlamaModel,
  type Token,
} from "node-llama-cpp";
import type {
  BareLoopResult,
  BareLoopSetup,
  FromBareLoop,
  ToBareLoop,
} from "./bare-loop-messages.ts";

interface Loaded {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly sequences: readonly LlamaContextSequence[];
}

let loaded: Loaded | undefined;

process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
process.on("message", (message: ToBareLoop) => {
  answer(message).then(
    (reply) => process.send?.(reply),
    (error: unknown) => process.send?.({ type: "failed", reason: String(error) } as FromBareLoop),
  );
});

async function answer(message: ToBareLoop): Promise<FromBareLoop> {
  if (message.type === "load") {
    loaded = await load(message.setup);
    return { type: "loaded" };
  }
  if (loaded === undefined) {
    throw new Error("No model is loaded.");
  }
  return { type: "generated", result: await generate(loaded, message) };
}

async function load(setup: BareLoopSetup): Promise<Loaded> {
  const { modelPath, gpu, threads, streams, contextTokens, batchTokens } = setup;
  const llama = await getLlama({
    gpu: gpu === "off" ? false : (gpu as "auto"),
    maxThreads: threads,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.disabled,
  });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({
    sequences: streams,
    contextSize: Math.min(contextTokens, model.trainContextSize),
    threads,
    batchSize: batchTokens,
  });
  const sequences = Array.from({ length: streams }, () => context.getSequence());
  return { model, context, sequences };
}

async function generate(
  { model, sequences }: Loaded,
  { prompts, maxTokens }: { readonly prompts: readonly string[]; readonly maxTokens: number },
): Promise<BareLoopResult> {
  const startedAt = performance.now();
  const streams = await Promise.all(
    prompts.map((prompt, index) => {
      const sequence = sequences[index];
      if (sequence === undefined) {
        throw new Error("There are more prompts than sequences.");
      }
      return generateOne(model, sequence, prompt, maxTokens);
    }),
  );
  return {
    elapsedMs: performance.now() - startedAt,
    promptTokens: streams.map(({ promptTokens }) => promptTokens),
    completionTokens: streams.map(({ completionTokens }) => completionTokens),
  };
}

async function generateOne(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  prompt: string,
  maxTokens: number,
): Promise<{ promptTokens: number; completionTokens: number }> {
  await sequence.clearHistory();
  const tokens = tokenize(model, prompt);
  const last = tokens.at(-1) as Token;
  // As the server has it: all but the last token, which is what the first step evaluates.
  await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, -1));
  const generated: Token[] = [];
  let text = "";
  for await (const token of sequence.evaluate([last], { temperature: 0, topK: 40, topP: 1 })) {
    text += model.detokenize([token], false, tokens);
    generated.push(token);
    if (generated.length === maxTokens) {
      break;
    }
  }
  if (text === "") {
    throw new Error("The model said nothing.");
  }
  return { promptTokens: tokens.length, completionTokens: generated.length };
}

function tokenize(model: LlamaModel, prompt: string): Token[] {
  const tokens = model.tokenize(prompt, false);
  const { bos, shouldPrependBosToken } = model.tokens;
  return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}
