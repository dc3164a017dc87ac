/** Shorter ones are read together with the next. */
const minCharacters = 40;

/** The sentences of a passage; a line of a table or a list is one. Bounded, so that ranking is. */
export function sentencesOf(text: string, most: number): string[] {
  const sentences: string[] = [];
  let open = "";
  for (const piece of text.split(/\n+|(?<=[.!?:;])\s+/)) {
    const trimmed = piece.trim();
    if (!/[\p{L}\p{N}]/u.test(trimmed)) continue;
    open = open === "" ? trimmed : `${open} ${trimmed}`;
    if (open.length >= minCharacters) {
      sentences.push(open);
      open = "";
    }
  }
  if (open !== "") sentences.push(open);
  return sentences.slice(0, most);
}
