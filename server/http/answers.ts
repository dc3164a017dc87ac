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
  /** A chunk with a piece of an answer. */
  piece(characters: string, choiceIndex: number): object;
  /** The chunks that say why generation ended, one for each choice. */
  last(generation: Generation): object[];
  /** The chunk with the usage, for clients that ask for it. */
  usage(generation: Generation): object;
}

export function completionAnswers({ id, model, createdAtSeconds }: AnswerIdentity): AnswerFormat {
  const envelope = { id, object: "text_completion", created: createdAtSeconds, model };
  const choice = (text: string, index: number, finishReason: string | null) => ({
    text,
    index,
    logprobs: null,
    finish_reason: finishReason,
  });
  return {
    whole: (generation) => ({
      ...envelope,
      choices: generation.choices.map(({ characters, finishReason }, index) =>
        choice(characters, index, finishReason),
      ),
      usage: usageOf(generation),
      ...retrievalOf(generation),
    }),
    first: () => undefined,
    piece: (characters, index) => ({ ...envelope, choices: [choice(characters, index, null)] }),
    last: (generation) =>
      generation.choices.map(({ finishReason }, index) => ({
        ...envelope,
        choices: [choice("", index, finishReason)],
        ...retrievalOf(generation),
      })),
    usage: (generation) => ({ ...envelope, choices: [], usage: usageOf(generation) }),
  };
}

export function chatAnswers({ id, model, createdAtSeconds }: AnswerIdentity): AnswerFormat {
  const envelope = { id, created: createdAtSeconds, model };
  const chunk = (delta: object, index: number, finishReason: string | null) => ({
    ...envelope,
    object: "chat.completion.chunk",
    choices: [{ index, delta, logprobs: null, finish_reason: finishReason }],
  });
  return {
    whole: (generation) => ({
      ...envelope,
      object: "chat.completion",
      choices: generation.choices.map(({ characters, finishReason }, index) => ({
        index,
        message: { role: "assistant", content: characters, refusal: null },
        logprobs: null,
        finish_reason: finishReason,
      })),
      usage: usageOf(generation),
      ...retrievalOf(generation),
    }),
    first: () => chunk({ role: "assistant", content: "" }, 0, null),
    piece: (characters, index) => chunk({ content: characters }, index, null),
    last: (generation) =>
      generation.choices.map(({ finishReason }, index) => ({
        ...chunk({}, index, finishReason),
        ...retrievalOf(generation),
      })),
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
