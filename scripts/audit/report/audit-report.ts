import type { Board } from "../boards/board.ts";
import type { LineIndex } from "../documents/line-index.ts";
import type { AuditedPanel, AuditedQuery, State } from "../judge/audit-boards.ts";
import type { Fault } from "../judge/judge-need.ts";
import type { AuditedSource, UnreadSource } from "../sources/audited-source.ts";
import { type MissingName, missingNames } from "./words.ts";

/** What was found, for programs: `--json` prints it, and the table and SARIF are made of it. */
export interface AuditReport {
  /** What the names were held against. */
  readonly comparedWith: readonly string[];
  readonly counts: Readonly<Record<State, number>>;
  readonly panels: readonly PanelReport[];
  readonly unread: readonly UnreadSource[];
}

export interface PanelReport {
  readonly place: string;
  /** Of the dashboard. */
  readonly board: string;
  readonly what: string;
  readonly panel: string;
  readonly state: State;
  readonly why?: string;
  /** What it asks for and nothing has; of a panel that is not dead, what it does without. */
  readonly missing: readonly MissingName[];
  readonly queries: readonly QueryReport[];
}

export interface QueryReport {
  readonly refId: string;
  readonly query: string;
  readonly state: State;
  readonly why?: string;
  readonly faults: readonly FaultReport[];
  readonly notes: readonly FaultReport[];
  /** Where the query stands in the file, from 1. */
  readonly line?: number;
  readonly column?: number;
}

export interface FaultReport {
  readonly kind: Fault["kind"];
  readonly name: string;
  readonly of?: string;
  readonly nearest?: string;
  readonly renamedTo?: string;
}

export interface AuditedBoard {
  readonly source: AuditedSource;
  readonly board: Board;
  readonly panels: readonly AuditedPanel[];
  /** Of the file; a Grafana has none. */
  readonly lines?: LineIndex;
}

export function createReport(
  boards: readonly AuditedBoard[],
  unread: readonly UnreadSource[],
  comparedWith: readonly string[],
): AuditReport {
  const panels = boards.flatMap((board) => board.panels.map((panel) => reportPanel(board, panel)));
  const count = (state: State) => panels.filter((panel) => panel.state === state).length;
  return {
    comparedWith,
    counts: {
      alive: count("alive"),
      declared: count("declared"),
      "empty now": count("empty now"),
      dead: count("dead"),
      unreadable: count("unreadable"),
      "not judged": count("not judged"),
    },
    panels,
    unread,
  };
}

function reportPanel(
  audited: AuditedBoard,
  { panel, state, why, queries }: AuditedPanel,
): PanelReport {
  const { source, board } = audited;
  const faults = queries.flatMap((query) => (state === "dead" ? query.faults : query.notes));
  const reason = [...(why === undefined ? [] : [why]), ...ofHowMany(state, queries)].join("; ");
  return {
    place: source.place,
    board: board.title,
    what: panel.what,
    panel: panel.title,
    state,
    ...(reason === "" ? {} : { why: reason }),
    missing: missingNames(faults),
    queries: queries.map((query) => reportQuery(audited, query)),
  };
}

/** Whether the rest of the panel still shows something. */
function ofHowMany(state: State, queries: readonly AuditedQuery[]): string[] {
  const dead = queries.filter((query) => query.state === "dead").length;
  const judged = queries.filter((query) => query.state !== "not judged").length;
  return state === "dead" && dead < judged ? [`${dead} of ${judged} queries`] : [];
}

function reportQuery(board: AuditedBoard, audited: AuditedQuery): QueryReport {
  const { query, state, why, faults, notes } = audited;
  return {
    refId: query.refId,
    query: query.text,
    state,
    ...(why === undefined ? {} : { why }),
    faults: faults.map(reportFault),
    notes: notes.map(reportFault),
    ...findLine(board, audited),
  };
}

function reportFault({ at: _at, ...fault }: Fault): FaultReport {
  return fault;
}

function findLine({ board, lines }: AuditedBoard, { query }: AuditedQuery) {
  const place = query.path === undefined ? undefined : board.document.findPlace(query.path);
  return place === undefined ? {} : (lines?.find(place.start) ?? {});
}
