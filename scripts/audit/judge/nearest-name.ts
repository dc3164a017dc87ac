import { changesAllowed, nearestTo } from "#contract";

/** Of two names with fewer words in common, nobody meant one by the other. */
const leastAlike = 0.6;
/** So many are compared word by word: a stranger's store may have any number. */
const mostCompared = 100_000;
const longestName = 300;

/**
 * The name that was probably meant: one with few letters changed, else the one with most words in common,
 * of which those count more that are at the same place counted from either end.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > longestName) {
    return undefined;
  }
  const compared = [...candidates].slice(0, mostCompared);
  const mistyped = nearestTo(name, compared, Math.min(2, changesAllowed(name)));
  if (mistyped !== undefined) {
    return mistyped;
  }
  let nearest: string | undefined;
  let most = leastAlike;
  const words = wordsOf(name);
  for (const candidate of compared) {
    const alike = candidate.length > longestName ? 0 : likeness(words, wordsOf(candidate));
    if (alike > most) {
      [nearest, most] = [candidate, alike];
    }
  }
  return nearest;
}

/** They are compared again and again. */
const knownWords = new Map<string, readonly string[]>();

function wordsOf(name: string): readonly string[] {
  const known = knownWords.get(name) ?? divide(name);
  if (knownWords.size < mostCompared) {
    knownWords.set(name, known);
  }
  return known;
}

function divide(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** Between 0 and 1. */
function likeness(one: readonly string[], other: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of other) {
    left.set(word, (left.get(word) ?? 0) + 1);
  }
  let shared = 0;
  for (const word of one) {
    const count = left.get(word) ?? 0;
    if (count > 0) {
      left.set(word, count - 1);
      shared += 1;
    }
  }
  const total = one.length + other.length;
  const ends = Number(one[0] === other[0]) + Number(one.at(-1) === other.at(-1));
  // The ends decide between candidates with the same words in common.
  return total === 0 ? 0 : (2 * shared + ends * 0.5) / (total + 1);
}
