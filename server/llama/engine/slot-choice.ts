export interface SlotCandidate {
  /** Tokens in its cache: the last prompt and what was generated after it. */
  readonly cachedTokens: number;
  /** How many of the cached tokens were the last prompt. */
  readonly cachedPromptTokens: number;
  /** How many cached tokens the new prompt starts with. */
  readonly matchingTokens: number;
  /** Grows with every use; 0 when never used. */
  readonly lastUse: number;
}

/**
 * The free slot for a new prompt: the longest common prefix wins, the least recently used slot
 * among equals.
 *
 * A match counts only when it is worth what it destroys. All chats of a model share a few tokens
 * (the template, the system prompt); if those decided, every new conversation would overwrite the
 * slot of another one while unused slots stay empty. So a slot is a match when the new prompt
 * repeats or continues its last prompt, or keeps at least half of what the slot holds.
 */
export function chooseSlot<Candidate extends SlotCandidate>(
  candidates: readonly Candidate[],
): Candidate | undefined {
  const matches = candidates.filter(isWorthwhileMatch);
  if (matches.length === 0) return leastRecentlyUsed(candidates);
  const longestMatch = Math.max(...matches.map((candidate) => candidate.matchingTokens));
  return leastRecentlyUsed(matches.filter((match) => match.matchingTokens === longestMatch));
}

function isWorthwhileMatch(candidate: SlotCandidate): boolean {
  const { cachedTokens, cachedPromptTokens, matchingTokens } = candidate;
  return matchingTokens >= cachedPromptTokens || matchingTokens >= cachedTokens - matchingTokens;
}

function leastRecentlyUsed<Candidate extends SlotCandidate>(
  candidates: readonly Candidate[],
): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (oldest, candidate) =>
      oldest === undefined || candidate.lastUse < oldest.lastUse ? candidate : oldest,
    undefined,
  );
}
