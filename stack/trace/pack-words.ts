/**
 * Puts words into lines, in their order. The first line has columns of its own, where 0 leaves it
 * empty; a word that is longer than a whole line is cut.
 */
export function packWords(
  words: readonly string[],
  { first, rest }: { readonly first: number; readonly rest: number },
): string[] {
  const lines = [""];
  for (const word of words) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? word : `${last} ${word}`;
    if (longer.length <= (lines.length === 1 ? first : rest)) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(word.length <= rest ? word : `${word.slice(0, Math.max(0, rest - 1))}…`);
    }
  }
  return lines;
}
