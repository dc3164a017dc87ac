import type { SaidToken } from "../pipeline/job.ts";

/** OpenAI's shape of tokens and their chances in a chat; null where none are told. */
export function createChatLogprobs(tokens: readonly SaidToken[] | undefined): object | null {
  if (tokens === undefined) {
    return null;
  }
  const content = tokens.map(({ candidates, ...token }) => ({
    ...createToken(token),
    top_logprobs: candidates.map(createToken),
  }));
  return { content, refusal: null };
}

function createToken({ name, logProbability }: Omit<SaidToken, "candidates">): object {
  // Of a part of a character there is only the mark that it is none.
  const bytes = name.includes("\uFFFD") ? null : [...Buffer.from(name)];
  return { token: name, logprob: logProbability, bytes };
}

/**
 * OpenAI's shape of the same for completions; null where none are told.
 * @param offset characters of the answer before the first of these tokens
 */
export function createCompletionLogprobs(
  tokens: readonly SaidToken[] | undefined,
  offset: number,
): object | null {
  if (tokens === undefined) {
    return null;
  }
  let end = offset;
  const starts = tokens.map(({ name }) => {
    end += name.length;
    return end - name.length;
  });
  return {
    tokens: tokens.map(({ name }) => name),
    token_logprobs: tokens.map(({ logProbability }) => logProbability),
    top_logprobs: tokens.map(({ candidates }) =>
      Object.fromEntries(candidates.map(({ name, logProbability }) => [name, logProbability])),
    ),
    text_offset: starts,
  };
}

/** In characters. */
export function lengthOf(tokens: readonly SaidToken[]): number {
  return tokens.reduce((sum, { name }) => sum + name.length, 0);
}
