import {
  type Piece,
  parseQuery,
  type Query,
  QueryError,
  type Stage,
  scanUnfinished,
} from "#traceql";
import { PatternError, patternsIn } from "../patterns.ts";

/** No query that can be answered has more. */
const mostPieces = 4_000;
/** As deep as a query may be nested. */
const deepest = 100;
/** How often a text is shortened before nothing of it counts. */
const mostCuts = 20;

/**
 * What a query says so far that is being typed, as an editor sends it for completions: what is not
 * finished might become anything, and so rules nothing out. An attribute alone is one that is being
 * typed, as in Tempo, and not a question whether it is true.
 * @param wrongPatterns Regular expressions that are none: they are not finished either.
 * @returns Null when nothing of it is complete, or it is no query at all.
 */
export function completeMatchers(
  text: string,
  wrongPatterns: ReadonlySet<string> = new Set(),
): readonly Stage[] | null {
  const pieces = scanUnfinished(text, mostPieces);
  const query =
    pieces === null ? null : longestQuery(completed(pieces, wrongPatterns), wrongPatterns);
  const [first, ...others] = query?.stages ?? [];
  const saysNothing =
    first?.type === "spanset" &&
    first.spanset.type === "filter" &&
    first.spanset.condition === null;
  return query === null || (saysNothing && others.length === 0) ? null : query.stages;
}

/** The stages of `{ }`. */
export const everySpan = parseQuery("{ }").stages;

/** A text, and how many parentheses are open at its end. */
interface Beginning {
  readonly text: string;
  readonly open: number;
}

/** The whole text with its braces closed, and where it might end before: the shortest first. */
function completed(pieces: readonly Piece[], wrong: ReadonlySet<string>): Beginning[] {
  const beginnings: Beginning[] = [];
  let text = "";
  let open = 0;
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index] as Piece;
    if (isOperator(piece, "{")) {
      const end = findClosing(pieces, index, "{", "}");
      const condition = completeCondition(pieces.slice(index + 1, end), wrong, 0);
      text += `{ ${condition ?? ""} } `;
      index = end;
      beginnings.push({ text, open });
    } else {
      if (isOperator(piece, "|")) {
        beginnings.push({ text, open });
      }
      open += isOperator(piece, "(") ? 1 : isOperator(piece, ")") ? -1 : 0;
      text += `${piece.text} `;
    }
  }
  return [...beginnings, { text, open }];
}

/** The longest beginning that is a query. */
function longestQuery(beginnings: readonly Beginning[], wrong: ReadonlySet<string>): Query | null {
  let left = beginnings;
  for (let cut = 0; cut < mostCuts; cut += 1) {
    const last = left.at(-1);
    if (last === undefined) {
      return null;
    }
    const result = tryQuery(last.text + ")".repeat(Math.max(0, last.open)), wrong);
    if (!(result instanceof QueryError)) {
      return result;
    }
    // What contains the fault is no query either.
    left = left.slice(0, -1).filter(({ text }) => text.length <= result.at.offset + 1);
  }
  return null;
}

function tryQuery(text: string, wrong: ReadonlySet<string>): Query | QueryError {
  try {
    const query = parseQuery(text);
    const unfinished = patternsIn(query).find(({ pattern }) => wrong.has(pattern));
    return unfinished === undefined
      ? query
      : new PatternError(unfinished.pattern, unfinished.at, "");
  } catch (error) {
    if (!(error instanceof QueryError)) {
      throw error;
    }
    return error;
  }
}

/** The text of what is complete between braces or parentheses; null when that may be anything. */
function completeCondition(
  pieces: readonly Piece[],
  wrong: ReadonlySet<string>,
  depth: number,
): string | null {
  let condition: string | null | undefined;
  for (const { joint, operand } of splitOperands(pieces)) {
    const next = operand.length === 0 ? undefined : completeOperand(operand, wrong, depth);
    if (condition === undefined) {
      condition = next;
    } else if (next !== undefined) {
      // `&&` and `||` bind alike, from the left.
      condition = joint === "&&" ? both(condition, next) : either(condition, next);
    }
  }
  return condition ?? null;
}

function both(one: string | null, other: string | null): string | null {
  return one === null || other === null ? (one ?? other) : `${one} && ${other}`;
}

function either(one: string | null, other: string | null): string | null {
  return one === null || other === null ? null : `${one} || ${other}`;
}

interface Operand {
  /** The operator before it. */
  readonly joint: string;
  readonly operand: Piece[];
}

function splitOperands(pieces: readonly Piece[]): Operand[] {
  let last: Operand = { joint: "&&", operand: [] };
  const operands = [last];
  let open = 0;
  for (const piece of pieces) {
    open += isOperator(piece, "(", "{") ? 1 : isOperator(piece, ")", "}") ? -1 : 0;
    if (open <= 0 && isOperator(piece, "&&", "||")) {
      last = { joint: piece.text, operand: [] };
      operands.push(last);
    } else {
      last.operand.push(piece);
    }
  }
  return operands;
}

function completeOperand(
  pieces: readonly Piece[],
  wrong: ReadonlySet<string>,
  depth: number,
): string | null {
  const [first] = pieces;
  if (first !== undefined && isOperator(first, "(")) {
    const end = findClosing(pieces, 0, "(", ")");
    if (end >= pieces.length - 1) {
      const inner =
        depth < deepest ? completeCondition(pieces.slice(1, end), wrong, depth + 1) : null;
      return inner === null ? null : `(${inner})`;
    }
  }
  const isLone = pieces.length === 1 && first?.token?.type === "attribute";
  const text = pieces.map((piece) => piece.text).join(" ");
  return isLone || tryQuery(`{ ${text} }`, wrong) instanceof QueryError ? null : text;
}

/** Where what is opened at a place is closed: behind the end when it is not. */
function findClosing(pieces: readonly Piece[], from: number, opening: string, closing: string) {
  let open = 0;
  for (let index = from; index < pieces.length; index += 1) {
    const piece = pieces[index] as Piece;
    open += isOperator(piece, opening) ? 1 : isOperator(piece, closing) ? -1 : 0;
    if (open === 0) {
      return index;
    }
  }
  return pieces.length;
}

function isOperator({ token }: Piece, ...texts: string[]): boolean {
  return token?.type === "operator" && texts.includes(token.text);
}
