/**
 * The position of the quote that closes the JSON string which opens at `start`; the length of the
 * text when none does. A loop and no pattern: one would need memory for every escape in the string.
 */
export function findJsonStringEnd(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') {
    index += text[index] === "\\" ? 2 : 1;
  }
  return Math.min(index, text.length);
}
