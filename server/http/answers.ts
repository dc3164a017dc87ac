import type { Generation } from "../pipeline/job.ts";

export interface AnswerIdentity {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly createdAtSeconds: number;
}

/** How a route puts a generation into OpenAI's shapes. */
export interface AnswerFormat {
  /** The body of an answer in one piece. */
  whole(generation: Generation): object;
  /** The chunk that opens a stream, where the route has one. */
  first(): object | undefined;
  /** A chunk with a piece of the answer. */
  piece(characters: string): object;
  /** The chunk that says why generation ended. */
  last(generation: Generation): object;
  /** The chunk with the usage, for clients that ask for it. */
  usage(generation: Generation): object;
}

export function completionAnswers({ id, model, createdAtSeconds }: AnswerIdentity): AnswerFormat {
  const envelope = { id, object: "text_completion", created: createdAtSeconds, model };
  const choice = (text: string, finishReason: string | null) => ({
    ...envelope,
    choices: [{ text, index: 0, logprobs: null, finish_reason: finishReason }],
  });
  return {
    whole: (generation) => ({
      ...choice(generation.characters, generation.finishReason),
      usage: usageOf(generation),
      ...retrievalOf(generation),
    }),
    first: () => undefined,
    piece: (characters) => choice(characters, null),
    last: (generation) => ({
      ...choice("", generation.finishReason),
      ...retrievalOf(generation),
    }),
    usage: (generation) => ({ ...envelope, choices: [], usage: usageOf(generation) }),
  };
}

export function chatAnswers({ id, model, createdAtSeconds }: AnswerIdentity): AnswerFormat {
  const envelope = { id, created: createdAtSeconds, model };
  const chunk = (delta: object, finishReason: string | null) => ({
    ...envelope,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  });
  return {
    whole: (generation) => ({
      ...envelope,
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: generation.characters, refusal: null },
          logprobs: null,
          finish_reason: generation.finishReason,
        },
      ],
      usage: usageOf(generation),
      ...retrievalOf(generation),
    }),
    first: () => chunk({ role: "assistant", content: "" }, null),
    piece: (characters) => chunk({ content: characters }, null),
    last: (generation) => ({
      ...chunk({}, generation.finishReason),
      ...retrievalOf(generation),
    }),
    usage: (generation) => ({
      ...envelope,
      object: "chat.completion.chunk",
      choices: [],
      usage: usageOf(generation),
    }),
  };
}

/** Which passages the model got: an extension of ours, only where retrieval was asked for. */
function retrievalOf({ retrieval }: Generation): object {
  return retrieval === undefined ? {} : { retrieval };
}

function usageOf({ tokensIn, tokensOut, cacheHits }: Generation): object {
  return {
    prompt_tokens: tokensIn,
    completion_tokens: tokensOut,
    total_tokens: tokensIn + tokensOut,
    prompt_tokens_details: { cached_tokens: cacheHits },
  };
}
