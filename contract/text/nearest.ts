/** Of longer names nobody mistypes one, and comparing them takes long. */
const longestName = 200;

/**
 * The one that takes the fewest changes of a letter; of several the first.
 * @param mostChanges None that takes more.
 */
export function nearestTo(
  text: string,
  candidates: readonly string[],
  mostChanges = Number.POSITIVE_INFINITY,
): string | undefined {
  if (text.length > longestName) {
    return undefined;
  }
  let nearest: string | undefined;
  let fewest = mostChanges + 1;
  for (const candidate of candidates) {
    const isNear = Math.abs(candidate.length - text.length) < fewest;
    const changes =
      isNear && candidate.length <= longestName ? changesBetween(text, candidate) : fewest;
    if (changes < fewest) {
      [nearest, fewest] = [candidate, changes];
    }
  }
  return nearest;
}

/** Letters to change, add or leave out (Levenshtein's distance). */
function changesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [place, otherLetter] of [...other].entries()) {
      const replaced = (row[place] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(replaced, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Two letters that changed places are two changes; in a short name they make another word of it. */
export function changesAllowed(name: string): number {
  return name.length < 5 ? 1 : Math.max(2, Math.floor(name.length / 4));
}
