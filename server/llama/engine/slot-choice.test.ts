import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { chooseSlot, type SlotCandidate } from "./slot-sequence.ts";

const empty: SlotCandidate = {
  cachedTokens: 0,
  cachedPromptTokens: 0,
  matchingTokens: 0,
  lastUse: 0,
};

test("the longest common prefix wins", () => {
  const short = { cachedTokens: 40, cachedPromptTokens: 30, matchingTokens: 32, lastUse: 1 };
  const long = { cachedTokens: 90, cachedPromptTokens: 60, matchingTokens: 70, lastUse: 2 };
  assert.equal(chooseSlot([empty, short, long]), long);
});

test("among equals the least recently used one is taken", () => {
  const match = { cachedTokens: 40, cachedPromptTokens: 30, matchingTokens: 40 };
  const older = { ...match, lastUse: 3 };
  const newer = { ...match, lastUse: 7 };
  assert.equal(chooseSlot([newer, older]), older);
  const unused = { ...empty };
  assert.equal(chooseSlot([{ ...empty, lastUse: 2 }, unused]), unused);
});

test("a shared system prompt does not make a new conversation overwrite another one", () => {
  const conversation = {
    cachedTokens: 500,
    cachedPromptTokens: 400,
    matchingTokens: 25,
    lastUse: 1,
  };
  assert.equal(chooseSlot([conversation, empty]), empty);
  const newer = { ...conversation, cachedTokens: 60, cachedPromptTokens: 55, lastUse: 2 };
  assert.equal(chooseSlot([newer, conversation]), conversation);
});

test("the same prompt again is a match, however long the answer to it was", () => {
  const repeated = { cachedTokens: 500, cachedPromptTokens: 30, matchingTokens: 30, lastUse: 1 };
  assert.equal(chooseSlot([empty, repeated]), repeated);
});

test("a long shared beginning with another question is a match", () => {
  const shared = { cachedTokens: 1300, cachedPromptTokens: 1100, matchingTokens: 1000, lastUse: 1 };
  assert.equal(chooseSlot([empty, shared]), shared);
});

test("without candidates there is no choice", () => {
  assert.equal(chooseSlot([]), undefined);
});

test("some slot is always chosen, and none with a longer prefix that keeps all of its cache", () => {
  const candidate = fc
    .tuple(fc.nat(50), fc.nat(50), fc.nat(50), fc.nat(9))
    .map(([matchingTokens, furtherPrompt, generated, lastUse]) => ({
      matchingTokens,
      cachedPromptTokens: matchingTokens + furtherPrompt,
      cachedTokens: matchingTokens + furtherPrompt + generated,
      lastUse,
    }));
  fc.assert(
    fc.property(fc.array(candidate, { minLength: 1, maxLength: 8 }), (candidates) => {
      const chosen = chooseSlot(candidates);
      assert.ok(chosen !== undefined && candidates.includes(chosen));
      const wholeMatches = candidates.filter((one) => one.cachedTokens === one.matchingTokens);
      const isBeaten = wholeMatches.some((one) => one.matchingTokens > chosen.matchingTokens);
      assert.ok(!isBeaten);
    }),
    { seed: 2 },
  );
});
