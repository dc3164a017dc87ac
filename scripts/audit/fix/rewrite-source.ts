import { parse } from "yaml";
import type { Board, BoardQuery } from "../boards/board.ts";
import { literalOffsets } from "../documents/literal-offsets.ts";
import type { Path } from "../documents/text-document.ts";
import { takeApart } from "../judge/audit-boards.ts";
import type { Renames } from "../known/known-names.ts";
import type { AuditedSource } from "../sources/audited-source.ts";
import { applyChanges, findRenamed, type NameChange, renamedTag } from "./rewrite-query.ts";

/** What a rewritten file is, and which names were changed in it. */
export interface RewrittenSource {
  readonly text: string;
  readonly changes: readonly PlacedChange[];
  /** Names that stand where nothing can be changed safely. */
  readonly left: readonly PlacedChange[];
}

export interface PlacedChange {
  readonly panel: string;
  readonly before: string;
  readonly now: string;
}

interface Edit extends NameChange {
  readonly panel: string;
}

/** Rewrites renamed names in a file; of the rest of it, nothing changes. */
export function rewriteSource(source: AuditedSource, renames: Renames): RewrittenSource {
  const { text = "", boards } = source;
  const edits: Edit[] = [];
  const left: PlacedChange[] = [];
  for (const { board, panel, path, value, changes } of boards.flatMap((one) =>
    renamedTexts(one, renames),
  )) {
    const placed = placeChanges(text, board, path, { value, changes });
    for (const change of placed ?? changes) {
      (placed === undefined ? left : edits).push({ ...change, panel });
    }
  }
  // A rule may be read in two ways, and a text be in both.
  const distinct = [...new Map(edits.map((edit) => [edit.at.from, edit])).values()];
  return { text: applyChanges(text, distinct), changes: distinct, left };
}

interface RenamedText {
  readonly board: Board;
  readonly panel: string;
  readonly path: Path;
  readonly value: string;
  readonly changes: readonly NameChange[];
}

/** Texts of a board with renamed names in them. */
function renamedTexts(board: Board, renames: Renames): RenamedText[] {
  return board.panels.flatMap((panel) =>
    panel.queries.flatMap((query) =>
      textsOf(query, board, renames).map((one) => ({ board, panel: panel.title, ...one })),
    ),
  );
}

function textsOf(query: BoardQuery, board: Board, renames: Renames) {
  const { path, text, tags = [] } = query;
  const ofTags = tags.map(({ tag, path: at }) => ({
    path: at,
    value: tag,
    changes: renamedTag(tag, renames),
  }));
  // What cannot be read is left alone.
  const isReadable = path !== undefined && takeApart(query, board).type === "needs";
  const ofText = isReadable ? [{ path, value: text, changes: findRenamed(query, renames) }] : [];
  return [...ofTags, ...ofText].filter(({ changes }) => changes.length > 0);
}

/** The same changes in the text of the file; undefined where they cannot be told for certain. */
function placeChanges(
  text: string,
  { document }: Board,
  path: Path,
  { value, changes }: { readonly value: string; readonly changes: readonly NameChange[] },
): NameChange[] | undefined {
  const place = document.findPlace(path);
  if (place === undefined) {
    return undefined;
  }
  const literal = text.slice(place.start, place.end);
  const offsets = literalOffsets(literal, value);
  const isQuoted = literal.startsWith('"');
  if (offsets !== undefined) {
    return changes.map(({ at, before, now }) => ({
      at: {
        from: place.start + (offsets[at.from] ?? 0),
        to: place.start + (offsets[at.to] ?? 0),
      },
      before,
      now: isQuoted ? JSON.stringify(now).slice(1, -1) : now,
    }));
  }
  const placed = placeInYaml(literal, value, changes);
  return placed?.map((change) => ({
    ...change,
    at: { from: change.at.from + place.start, to: change.at.to + place.start },
  }));
}

/**
 * In a text that YAML writes in another way, the same occurrence of the same name: in single quotes and in
 * blocks only what is around the names is written differently. What is read afterwards must be right.
 */
function placeInYaml(
  literal: string,
  value: string,
  changes: readonly NameChange[],
): NameChange[] | undefined {
  const placed = changes.flatMap((change) => {
    const inValue = occurrences(value, change.before);
    const inLiteral = occurrences(literal, change.before);
    const from = inLiteral[inValue.indexOf(change.at.from)];
    return from === undefined || inValue.length !== inLiteral.length
      ? []
      : [{ ...change, at: { from, to: from + change.before.length } }];
  });
  const isRight =
    readYaml(literal) === value.trim() &&
    readYaml(applyChanges(literal, placed)) === applyChanges(value, changes).trim();
  return isRight ? placed : undefined;
}

function occurrences(text: string, part: string): number[] {
  const found: number[] = [];
  for (let from = text.indexOf(part); from >= 0; from = text.indexOf(part, from + 1)) {
    found.push(from);
  }
  return found;
}

function readYaml(literal: string): string | undefined {
  try {
    const read: unknown = parse(literal, { logLevel: "silent" });
    return typeof read === "string" ? read.trim() : undefined;
  } catch {
    return undefined;
  }
}
