import { parser } from "@prometheus-io/lezer-promql";
import { findIntrinsic, type Piece, scanUnfinished } from "#traceql";
import type { BoardQuery } from "../boards/board.ts";
import type { Renames } from "../known/known-names.ts";
import type { Span } from "../queries/need.ts";
import { expandPromql } from "../queries/promql-needs.ts";
import { attributeTokens, fieldText, mostPieces } from "../queries/traceql-needs.ts";

/** A name in a text, and the one that it is now. */
export interface NameChange {
  readonly at: Span;
  readonly before: string;
  readonly now: string;
}

/** The renamed names in a query, in their order: of what the parser reads as a name, nothing else. */
export function findRenamed({ form, text }: BoardQuery, renames: Renames): NameChange[] {
  switch (form) {
    case "traceql":
      return [...renamedAttributes(text, renames), ...renamedSpans(text, renames)].toSorted(
        inOrder,
      );
    case "promql":
      return renamedInPromql(text, renames);
    case "prometheus variable":
      return renamedInVariable(text, renames);
    case "tempo variable":
      return renamedTag(text, renames);
    default:
      return [];
  }
}

/** Applies changes to a text; their places are those before any of them. */
export function applyChanges(text: string, changes: readonly NameChange[]): string {
  return changes
    .toSorted(inOrder)
    .reduceRight(
      (changed, { at, now }) => changed.slice(0, at.from) + now + changed.slice(at.to),
      text,
    );
}

function inOrder(one: NameChange, other: NameChange): number {
  return one.at.from - other.at.from;
}

function renamedAttributes(text: string, { attributes }: Renames): NameChange[] {
  return attributeTokens(text).flatMap(({ scope, name, at }) => {
    const scopes = scope === "any" ? ["span", "resource"] : [scope];
    const now = scopes
      .map((one) => attributes.get(`${one}.${name}`))
      .find((one) => one !== undefined);
    const before = text.slice(at.from, at.to);
    return now === undefined
      ? []
      : [{ at, before, now: fieldText({ type: "attribute", scope, name: now }) }];
  });
}

/** Texts that the name of a span is compared with. */
function renamedSpans(text: string, { spanNames }: Renames): NameChange[] {
  const pieces = scanUnfinished(text, mostPieces) ?? [];
  return pieces.flatMap((piece, index) => {
    const { token } = piece;
    const now =
      token?.type === "literal" && token.literal.type === "string"
        ? spanNames.get(token.literal.value)
        : undefined;
    const [operator, field] = [pieces[index - 1], pieces[index - 2]];
    if (now === undefined || token === null || !isComparison(operator) || !isSpanName(field)) {
      return [];
    }
    const from = token.at.offset;
    const at = { from, to: from + piece.text.length };
    return [{ at, before: piece.text, now: JSON.stringify(now) }];
  });
}

function isComparison(piece: Piece | undefined): boolean {
  return piece?.text === "=" || piece?.text === "!=";
}

function isSpanName(piece: Piece | undefined): boolean {
  const { token } = piece ?? {};
  const name = token?.type === "word" ? findIntrinsic(token.text) : undefined;
  return name === "span:name" || name === "trace:rootName";
}

function renamedInPromql(text: string, { metrics, labels }: Renames): NameChange[] {
  const expanded = expandPromql(text);
  const changes: NameChange[] = [];
  const cursor = parser.parse(expanded.text).cursor();
  do {
    const { name, from, to } = cursor;
    const kind = name === "Identifier" ? metrics : name === "LabelName" ? labels : undefined;
    const at = expanded.toOriginal({ from, to });
    const before = text.slice(at.from, at.to);
    const now = kind?.get(before);
    if (now !== undefined) {
      changes.push({ at, before, now });
    }
  } while (cursor.next());
  return changes;
}

/** In `label_values(metric{…}, label)`, a label stands where PromQL has none. */
function renamedInVariable(text: string, renames: Renames): NameChange[] {
  const [, opening = "", inner = "", last = ""] =
    /^(\s*label_values\s*\()([\s\S]*?)(?:,\s*)?(\w+)\s*\)\s*$/.exec(text) ?? [];
  if (opening === "") {
    return renamedInPromql(text, renames);
  }
  const from = text.lastIndexOf(last);
  const label = renames.labels.get(last);
  const at = { from, to: from + last.length };
  return [
    ...renamedInPromql(inner, renames).map((change) => ({
      ...change,
      at: { from: change.at.from + opening.length, to: change.at.to + opening.length },
    })),
    ...(label === undefined ? [] : [{ at, before: last, now: label }]),
  ];
}

/** An attribute that stands alone, with its scope or without. */
export function renamedTag(tag: string, { attributes }: Renames): NameChange[] {
  const [, scope = "", name = tag] = /^(span\.|resource\.)(.+)$/.exec(tag) ?? [];
  const scopes = scope === "" ? ["span.", "resource."] : [scope];
  const now = scopes.map((one) => attributes.get(`${one}${name}`)).find((one) => one !== undefined);
  return now === undefined
    ? []
    : [{ at: { from: 0, to: tag.length }, before: tag, now: `${scope}${now}` }];
}
