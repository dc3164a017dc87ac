/** The largest count that Go's regular expressions repeat anything. */
const maxRepeats = 1000;

/** What JavaScript's expressions have and Go's do not. */
const unknownToGo = [
  { part: /\(\?<?[=!]/, brief: "looks ahead or behind" },
  { part: /\\[1-9]|\\k</, brief: "refers back to a group" },
  { part: /\\c[A-Za-z]/, brief: "has a control character by its letter" },
] as const;

type GoPattern = { readonly pattern: string } | { readonly fault: string };

/**
 * A form of the contract as the Collector's expressions write it: Go's, which know a little less.
 * @returns The pattern, or what is wrong with it.
 */
export function goPattern(form: RegExp): GoPattern {
  const unknown = unknownToGo.find(({ part }) => part.test(form.source));
  if (unknown !== undefined) {
    return { fault: `${unknown.brief}, which the Collector cannot` };
  }
  const source = form.source
    .replace(/\\u\{([0-9A-Fa-f]+)\}|\\u([0-9A-Fa-f]{4})/g, (_, long, short) => {
      return `\\x{${long ?? short}}`;
    })
    .replaceAll("(?<", "(?P<")
    .replace(/(\[(?:\\.|[^\]\\])*\])\{(\d+)(?:,(\d+))?\}/g, (_, set, low, high) =>
      repeated(set, Number(low), Number(high ?? low)),
    );
  const tooMany = [...source.matchAll(/(?<!\\x)\{(\d+)(?:,(\d*))?\}/g)].find(
    ([, low, high]) => Number(low) > maxRepeats || Number(high || 0) > maxRepeats,
  );
  if (tooMany !== undefined) {
    return { fault: `repeats something ${tooMany[0]} times, and the Collector ${maxRepeats}` };
  }
  return { pattern: form.ignoreCase ? `(?i)${source}` : source };
}

/** A set of characters so many times: in portions that Go takes. */
function repeated(set: string, low: number, high: number): string {
  const portions: string[] = [];
  for (let most = high, least = low; most > 0 || portions.length === 0; ) {
    const [from, to] = [Math.min(least, maxRepeats), Math.min(most, maxRepeats)];
    portions.push(from === to ? `${set}{${to}}` : `${set}{${from},${to}}`);
    least -= from;
    most -= to;
  }
  return portions.join("");
}
