import { EngineError } from "../llama/engine/index.ts";
import type { FoundPassage } from "../retrieval/index.ts";
import type { Job } from "./job.ts";
import { withPassages } from "./retrieval-prompt.ts";

/** A shorter piece of a passage says too little to be worth its tokens. */
const minPassageCharacters = 80;
/** How often a shorter text is tried before a passage is left out. */
const maxAttempts = 4;

export interface FittedPrompt {
  readonly tokens: number[];
  /** The passages that are in it, the last of them perhaps cut. */
  readonly passages: readonly FoundPassage[];
}

type PassageJob = Pick<Job, "engine" | "parameters" | "signal">;

/**
 * The final prompt: as many passages, best first, as fit beside the answer that was asked for. Where
 * that leaves no room anyway, or nothing was said of it, passages have at most half of what the
 * client's input leaves of the window.
 */
export async function fitPassages(
  job: PassageJob,
  inputTokens: readonly number[],
  passages: readonly FoundPassage[],
): Promise<FittedPrompt> {
  const { engine, parameters } = job;
  const left = engine.contextTokens - inputTokens.length;
  const { maxTokens } = parameters;
  const forAnswer = maxTokens !== undefined && maxTokens < left ? maxTokens : Math.ceil(left / 2);
  const limit = engine.contextTokens - Math.max(forAnswer, 1);
  let kept: FittedPrompt = { tokens: [...inputTokens], passages: [] };
  for (const passage of passages) {
    const fitted = await fitOne(job, { kept, passage, limit });
    if (fitted === undefined) {
      break;
    }
    kept = fitted;
    if (kept.passages.at(-1)?.text !== passage.text) {
      break;
    }
  }
  return kept;
}

/** The prompt with one passage more, cut where it must be; undefined when nothing of it fits. */
async function fitOne(
  job: PassageJob,
  {
    kept,
    passage,
    limit,
  }: { readonly kept: FittedPrompt; readonly passage: FoundPassage; readonly limit: number },
): Promise<FittedPrompt | undefined> {
  let text = passage.text;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const passages = [...kept.passages, { ...passage, text }];
    const tokens = await tokenizeWith(job, passages);
    if (tokens !== undefined && tokens.length <= limit) {
      return { tokens, passages };
    }
    const added = (tokens?.length ?? Number.POSITIVE_INFINITY) - kept.tokens.length;
    const share = Math.max(limit - kept.tokens.length, 0) / added;
    text = cutAtWord(text, Math.floor(text.length * Math.min(share, 0.9) * 0.9));
    if (text.length < minPassageCharacters) {
      return undefined;
    }
  }
  return undefined;
}

/** Undefined for what is far too long for the window to be tokenised at all. */
async function tokenizeWith(
  { engine, parameters, signal }: PassageJob,
  passages: readonly FoundPassage[],
): Promise<number[] | undefined> {
  try {
    const input = withPassages(parameters.input, passages);
    return engine.tokenize(await engine.prepare(input, signal));
  } catch (error) {
    if (error instanceof EngineError && error.code === "context_length_exceeded") {
      return undefined;
    }
    throw error;
  }
}

function cutAtWord(text: string, length: number): string {
  const piece = text.slice(0, length);
  const end = piece.search(/\s\S*$/);
  return (end > 0 ? piece.slice(0, end) : piece).trimEnd();
}
