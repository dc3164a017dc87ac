/**
 * From offsets in a string's value to offsets in the text in which it is written, between quotes: of JSON,
 * and of what YAML writes in the same way. Undefined for any other way.
 * @param value What is read from it, to be certain.
 */
export function literalOffsets(literal: string, value: string): readonly number[] | undefined {
  if (!literal.startsWith('"') || !literal.endsWith('"') || literal.length < 2) {
    return literal === value ? [...Array(value.length + 1).keys()] : undefined;
  }
  const offsets: number[] = [];
  let offset = 1;
  while (offset < literal.length - 1) {
    const length = escapeLength(literal, offset);
    offsets.push(offset);
    offset += length;
  }
  offsets.push(offset);
  return offsets.length === value.length + 1 && isSame(literal, value) ? offsets : undefined;
}

function escapeLength(literal: string, offset: number): number {
  if (literal[offset] !== "\\") {
    return 1;
  }
  return literal[offset + 1] === "u" ? 6 : 2;
}

function isSame(literal: string, value: string): boolean {
  try {
    return JSON.parse(literal) === value;
  } catch {
    return false;
  }
}
