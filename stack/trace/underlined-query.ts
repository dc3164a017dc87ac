/** What is shown of a long line, on either side of the place. */
const shownBefore = 50;
const shownAfter = 25;

/**
 * The line of a query that an error speaks of, as `line 1, col 10`, and a mark under the column.
 * Nothing when it speaks of no place, or of one that the query does not have.
 */
export function underlined(query: string, error: string): string[] {
  const [, lineNumber, columnNumber] = /at line (\d+), col (\d+)/.exec(error) ?? [];
  const line = query.split("\n")[Number(lineNumber) - 1];
  if (line === undefined) {
    return [];
  }
  // A tab would be as wide as the terminal likes, in the line and not under it.
  const characters = [...line.replaceAll("\t", " ").trimEnd()];
  const at = Math.min(Number(columnNumber) - 1, characters.length);
  const first = Math.max(0, at - shownBefore);
  const end = Math.min(characters.length, at + shownAfter);
  const before = first > 0 ? "…" : "";
  const after = end < characters.length ? "…" : "";
  return [
    `${before}${characters.slice(first, end).join("")}${after}`,
    `${" ".repeat(before.length + Math.max(0, at - first))}^`,
  ];
}
