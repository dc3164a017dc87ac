import type { BoardVariable } from "../boards/board-variable.ts";
import type { Span } from "./need.ts";

/** A place of a query where Grafana puts something in. */
export interface Insertion {
  readonly name: string;
  /** The text around it, as far as the decision takes. */
  readonly before: string;
  readonly after: string;
}

/** A query in which no variable stands outside of strings. */
export interface Expanded {
  readonly text: string;
  /** The same place in the query as it was written. */
  readonly toOriginal: (span: Span) => Span;
  /** Those that stood outside of strings. */
  readonly inserted: readonly string[];
}

const pattern = /\$\{(\w[\w.]*)(?::[\w-]+)?\}|\$(\w+)|\[\[(\w+)(?::[\w-]+)?\]\]/g;

/** More, nobody wrote, and to try their values takes long. */
const mostVariables = 300;

/** Why a query with so many variables is not judged; undefined for any other. */
export function tooManyVariables(text: string): string | undefined {
  const [first] = [...text.matchAll(pattern)].slice(mostVariables);
  return first === undefined ? undefined : `it has more than ${mostVariables} variables`;
}

/** Whether there is a variable of Grafana's in a text. */
export function holdsVariable(text: string): boolean {
  return text.search(pattern) >= 0;
}

/**
 * Replaces the variables outside of strings. In strings they may stay: there, any text parses.
 * @param quotes What strings begin and end with. In backticks, no backslash escapes.
 */
export function expand(
  query: string,
  quotes: string,
  replacement: (insertion: Insertion) => string,
): Expanded {
  const strings = stringRanges(query, quotes);
  const changes: { at: Span; from: number; to: number }[] = [];
  const inserted: string[] = [];
  let text = "";
  let copied = 0;
  for (const match of query.matchAll(pattern)) {
    const at = { from: match.index, to: match.index + match[0].length };
    if (strings.some(({ from, to }) => from <= at.from && at.from < to)) {
      continue;
    }
    const name = String(match[1] ?? match[2] ?? match[3]);
    text += query.slice(copied, at.from);
    const from = text.length;
    text += replacement({ name, before: text, after: query.slice(at.to, at.to + 20) });
    changes.push({ at, from, to: text.length });
    inserted.push(name);
    copied = at.to;
  }
  text += query.slice(copied);
  const toOriginalOffset = (offset: number, isEnd: boolean): number => {
    let shift = 0;
    for (const { at, from, to } of changes) {
      if (offset >= to) {
        shift = at.to - to;
      } else if (offset > from) {
        return isEnd ? at.to : at.from;
      }
    }
    return offset + shift;
  };
  return {
    text,
    inserted,
    toOriginal: ({ from, to }) => ({
      from: toOriginalOffset(from, false),
      to: toOriginalOffset(to, true),
    }),
  };
}

/** Where a language's strings are. One that is not closed goes on to the end. */
function stringRanges(query: string, quotes: string): Span[] {
  const ranges: Span[] = [];
  let offset = 0;
  while (offset < query.length) {
    const quote = query[offset] ?? "";
    if (quote === "#" && quotes.includes("'")) {
      // A comment of PromQL: an apostrophe in it opens nothing.
      offset = Math.max(query.indexOf("\n", offset), 0) || query.length;
      continue;
    }
    if (!quotes.includes(quote)) {
      offset += 1;
      continue;
    }
    const from = offset;
    offset += 1;
    while (offset < query.length && query[offset] !== quote) {
      offset += query[offset] === "\\" && quote !== "`" ? 2 : 1;
    }
    offset += 1;
    ranges.push({ from, to: offset });
  }
  return ranges;
}

/** What a variable is replaced with where a value is needed: the chosen one, or the first that it has. */
export function chosenValue(
  variables: ReadonlyMap<string, BoardVariable>,
  name: string,
): string | undefined {
  const variable = variables.get(name);
  return variable?.current[0] ?? variable?.options[0];
}
