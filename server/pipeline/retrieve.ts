import { logEvents, spans } from "#miniserve";
import { EngineError, type PromptInput } from "../llama/engine/index.ts";
import type { FoundPassage, UsableIndex } from "../retrieval/index.ts";
import type { StageTrace } from "../tracing/index.ts";
import type { Job, RetrievalParameters } from "./job.ts";

type RetrieveStage = StageTrace<typeof spans.retrieve>;

/**
 * rag.retrieve: finds passages for the question and puts them before the model. The index was found
 * before, because a request that names one that is not there is refused and no stage of it fails.
 */
export function retrieve(
  job: Job,
  index: UsableIndex,
  parameters: RetrievalParameters,
  inputTokens: readonly number[],
): Promise<FittedPrompt> {
  const { trace, log } = job;
  const indexName = index.name;
  return trace.stage(spans.retrieve, { indexName }, async (stage) => {
    const { found, best } = await findPassages(job, stage, index, parameters);
    // A stage of several steps, none of which waits long; a client that left is noticed here.
    job.signal.throwIfAborted();
    const prompt = await fitPassages(job, inputTokens, best);
    const counts = { docsRetrieved: found.length, docsReranked: prompt.passages.length };
    log(logEvents.passagesRetrieved, { indexName, ...counts });
    return stage.done(prompt, counts);
  });
}

async function findPassages(
  { retriever, parameters: { input }, signal }: Job,
  stage: RetrieveStage,
  index: UsableIndex,
  { topK, rerankK }: RetrievalParameters,
): Promise<{ found: readonly FoundPassage[]; best: readonly FoundPassage[] }> {
  const question = await stage.stage(spans.embedQuery, {}, async (child) =>
    child.done(await retriever.embed(getQuestion(input), signal), {}),
  );
  const found = await stage.stage(spans.vectorSearch, {}, async (child) =>
    child.done(await retriever.search(index, question, topK), {}),
  );
  const best = await stage.stage(spans.rerank, {}, async (child) =>
    child.done(await retriever.rerank(question, found, { count: rerankK, signal }), {}),
  );
  return { found, best };
}

/** A shorter piece of a passage says too little to be worth its tokens. */
const minPassageCharacters = 80;
/** How often a shorter text is tried before a passage is left out. */
const maxAttempts = 4;

interface FittedPrompt {
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
async function fitPassages(
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

/** What a person asks: of a chat the last message of the user, otherwise all of it. */
function getQuestion(input: PromptInput): string {
  if (input.kind === "plain") {
    return input.characters;
  }
  return input.conversation.findLast(({ role }) => role === "user")?.content ?? "";
}

/** The same input with passages put before the question, by the template in docs/retrieval.md. */
function withPassages(input: PromptInput, passages: readonly FoundPassage[]): PromptInput {
  if (passages.length === 0) {
    return input;
  }
  if (input.kind === "plain") {
    return { ...input, characters: `${formatBlock(passages)}\n\n${input.characters}` };
  }
  const last = input.conversation.findLastIndex(({ role }) => role === "user");
  return {
    ...input,
    conversation: input.conversation.map((message, index) =>
      index === last
        ? { ...message, content: `${formatBlock(passages)}\n\nQuestion: ${message.content}` }
        : message,
    ),
  };
}

const instruction = "Answer from these passages. If the answer is not in them, say so.";

function formatBlock(passages: readonly FoundPassage[]): string {
  const numbered = passages.map(({ title, text }, index) => `[${index + 1}] ${title}\n${text}`);
  return [instruction, ...numbered].join("\n\n");
}
