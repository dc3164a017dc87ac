/** So that what names and colours a series takes few lines. */
const longestLine = 160;

/**
 * JSON with as much on a line as fits: a whole list or object, or some entries of an object, but of a
 * list one item. A new panel changes few lines then, and each of them shows what it is about.
 *
 * @param taken How much of its first line is taken by what stands before it.
 */
export function jsonText(value: unknown, indent = "", taken = indent.length): string {
  const short = onOneLine(value);
  if (typeof value !== "object" || value === null || taken + short.length <= longestLine) {
    return short;
  }
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => deeper + jsonText(item, deeper, deeper.length + 1));
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  return `{\n${filledLines(value, deeper).join(",\n")}\n${indent}}`;
}

function filledLines(value: object, indent: string): string[] {
  const lines: string[] = [];
  for (const [key, one] of sortEntries(value)) {
    const name = `${JSON.stringify(key)}: `;
    const entry = name + jsonText(one, indent, indent.length + name.length + 1);
    const filled = `${lines.at(-1)}, ${entry}`;
    if (lines.length > 0 && filled.length < longestLine && !filled.includes("\n")) {
      lines[lines.length - 1] = filled;
    } else {
      lines.push(indent + entry);
    }
  }
  return lines;
}

function onOneLine(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(onOneLine).join(", ")}]`;
  }
  const parts = sortEntries(value).map(([key, one]) => `${JSON.stringify(key)}: ${onOneLine(one)}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

/** As JSON has them: without what is undefined or a function. */
function sortEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, one]) => JSON.stringify(one) !== undefined);
}
