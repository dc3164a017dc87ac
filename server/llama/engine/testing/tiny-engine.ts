import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { tinyLlama } from "../../models/tiny-llama.ts";
import type { ChatMessage } from "../chat-template.ts";
import type { Engine, EngineModelOptions } from "../engine.ts";
import { loadEngineOn } from "../load-engine.ts";
import { type NativeBackend, openNativeBackend } from "../native-backend.ts";
import type { DecodeOptions, PrefillResult, Slot } from "../slot.ts";

export const neverAborted = new AbortController().signal;

let openBackend: Promise<NativeBackend> | undefined;

/**
 * One for all tests of a process: opening it takes most of a second, loading a tiny model little.
 * It keeps no process alive, so nobody closes it.
 */
export function sharedBackend(): Promise<NativeBackend> {
  openBackend ??= openNativeBackend({ gpu: false, threads: "auto" });
  return openBackend;
}

export interface TinyEngineOptions extends Partial<EngineModelOptions> {
  /** How strongly the model tends to end its answer; 0, the default here, is never. */
  readonly endOfTurnStrength?: number;
}

/** The real engine on a generated model, for the time of a test. */
export async function withTinyEngine(
  options: TinyEngineOptions,
  test: (engine: Engine) => Promise<void>,
): Promise<void> {
  const { endOfTurnStrength = 0, ...engineOptions } = options;
  const directory = await mkdtemp(path.join(tmpdir(), "tiny-engine-"));
  try {
    const modelPath = path.join(directory, "tiny.gguf");
    await writeFile(modelPath, tinyLlama({ seed: 3, contextLength: 512, endOfTurnStrength }));
    const engine = await loadEngineOn(await sharedBackend(), {
      modelPath,
      modelName: "tiny",
      slots: 2,
      contextTokens: 256,
      queueLimit: 8,
      prefillChunkTokens: 8,
      ...engineOptions,
    });
    try {
      await test(engine);
    } finally {
      await engine.close();
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

export interface Answer {
  readonly prefilled: PrefillResult;
  readonly tokens: readonly number[];
  readonly steps: number;
}

/** One request from beginning to end. */
export async function answer(
  engine: Engine,
  promptTokens: readonly number[],
  options: Partial<DecodeOptions> = {},
): Promise<Answer> {
  const slot = await engine.acquireSlot({ tokens: promptTokens, signal: neverAborted });
  try {
    const prefilled = await slot.prefill({ signal: neverAborted });
    return { prefilled, ...(await decodeAll(slot, options)) };
  } finally {
    slot.release();
  }
}

export async function decodeAll(
  slot: Slot,
  options: Partial<DecodeOptions> = {},
): Promise<{ tokens: number[]; steps: number }> {
  const tokens: number[] = [];
  let steps = 0;
  const decode = { maxTokens: 12, temperature: 0, topP: 1, signal: neverAborted, ...options };
  for await (const step of slot.decode(decode)) {
    steps += 1;
    if (!step.isEndOfGeneration) {
      tokens.push(step.token);
    }
  }
  return { tokens, steps };
}

export function plainTokens(engine: Pick<Engine, "tokenize">, text: string): number[] {
  return engine.tokenize({ kind: "plain", characters: text });
}

export async function chatTokens(
  engine: Pick<Engine, "prepare" | "tokenize">,
  conversation: readonly ChatMessage[],
): Promise<number[]> {
  return engine.tokenize(await engine.prepare({ kind: "chat", conversation }, neverAborted));
}

/** Prompts with nothing in common but the token that begins every text. */
export function distinctPrompts(engine: Engine, count: number, words = 20): number[][] {
  const vocabulary = ["water", "people", "place", "sound", "line", "year", "word", "hand"];
  return Array.from({ length: count }, (_, prompt) => {
    const first = vocabulary[prompt % vocabulary.length] ?? "";
    const rest = Array.from(
      { length: words - 1 },
      (_, word) => vocabulary[(prompt * 3 + word * 5 + Math.floor(prompt / 8)) % vocabulary.length],
    );
    return plainTokens(engine, [first, ...rest].join(" "));
  });
}
