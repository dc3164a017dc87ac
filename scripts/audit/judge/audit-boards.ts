import type { Board, BoardPanel, BoardQuery } from "../boards/board.ts";
import type { KnownNames } from "../known/known-names.ts";
import type { Ask, Need, RunnableQuery, Span, TakenApart } from "../queries/need.ts";
import { takePromqlApart } from "../queries/promql-needs.ts";
import { takeTraceqlApart } from "../queries/traceql-needs.ts";
import {
  takePrometheusVariableApart,
  takeTempoVariableApart,
} from "../queries/variable-queries.ts";
import { type Fault, judgeNeed } from "./judge-need.ts";
import { findUnseenValue } from "./unseen-value.ts";

/**
 * alive: every name exists, and there is data. declared: every name exists, and no store was asked for
 * data. empty now: every name exists, and there is no data. dead: it asks for what does not exist.
 * unreadable: it cannot be read. not judged: of a kind that is not judged.
 */
export type State = "alive" | "declared" | "empty now" | "dead" | "unreadable" | "not judged";

/** The worst first: a panel is as its worst query, but what shows some data is not empty. */
const states = [
  "dead",
  "unreadable",
  "alive",
  "declared",
  "empty now",
  "not judged",
] as const satisfies readonly State[];

export interface AuditedQuery {
  readonly query: BoardQuery;
  readonly state: State;
  /** Why it is as it is, where a name alone does not say. */
  readonly why?: string;
  /** Where in its text that is. */
  readonly at?: Span;
  readonly faults: readonly Fault[];
  readonly notes: readonly Fault[];
}

export interface AuditedPanel {
  readonly panel: BoardPanel;
  readonly state: State;
  readonly why?: string;
  readonly queries: readonly AuditedQuery[];
}

/** Asks a store whether a query finds anything; undefined where no store can be asked. */
export type HasData = (query: RunnableQuery) => Promise<boolean | undefined>;

export interface Judges {
  readonly known: readonly KnownNames[];
  readonly hasData: HasData;
}

/** Judges every panel of a board. */
export async function auditBoard(board: Board, judges: Judges): Promise<AuditedPanel[]> {
  const audited: AuditedPanel[] = [];
  for (const panel of board.panels) {
    const queries: AuditedQuery[] = [];
    for (const query of panel.queries) {
      queries.push(await auditQuery(query, board, judges));
    }
    audited.push(auditPanel(panel, queries));
  }
  return audited;
}

function auditPanel(panel: BoardPanel, queries: readonly AuditedQuery[]): AuditedPanel {
  if (panel.unreadable !== undefined) {
    return { panel, state: "unreadable", why: panel.unreadable, queries };
  }
  const state = states.find((one) => queries.some((query) => query.state === one)) ?? "not judged";
  const why = panel.notJudged ?? queries.find((query) => query.state === state)?.why;
  return { panel, state, queries, ...(why === undefined ? {} : { why }) };
}

async function auditQuery(query: BoardQuery, board: Board, judges: Judges): Promise<AuditedQuery> {
  const base = { query, faults: [], notes: [] };
  const taken = takeApart(query, board);
  if (taken.type === "not judged") {
    return { ...base, state: "not judged", why: taken.why };
  }
  if (taken.type === "unreadable") {
    return { ...base, state: "unreadable", why: taken.message, at: taken.at };
  }
  const { faults, notes, judged, unknown } = judgeNeed(taken.need, judges.known);
  if (faults.length > 0) {
    return { query, state: "dead", faults, notes };
  }
  const hasData = taken.runnable === undefined ? undefined : await judges.hasData(taken.runnable);
  const [why] = unknown;
  if (hasData === undefined && judged === 0 && why !== undefined) {
    return { query, state: "not judged", why, faults, notes };
  }
  if (hasData === false) {
    // What a contract declares, and no store has: somebody has renamed it, or does not send it.
    const stores = judges.known.filter(({ isStore }) => isStore === true);
    const unseen = judgeNeed(taken.need, stores).faults;
    const never = findUnseenValue(asksOf(taken.need), judges.known);
    const why = never === undefined ? {} : { why: never };
    return { query, state: "empty now", faults, notes: unseen.length > 0 ? unseen : notes, ...why };
  }
  return { query, state: hasData === true ? "alive" : "declared", faults, notes };
}

/** A query taken apart in its language. */
export function takeApart({ form, text }: BoardQuery, { variables }: Board): TakenApart {
  switch (form) {
    case "traceql":
      return takeTraceqlApart(text, variables);
    case "promql":
      return takePromqlApart(text, variables);
    case "prometheus variable":
      return takePrometheusVariableApart(text, variables);
    case "tempo variable":
      return takeTempoVariableApart(text);
    default:
      return { type: "not judged", why: form.notJudged };
  }
}

/** Everything that the queries of boards ask for, so that a store is asked for no more. */
export function listAsks(boards: readonly Board[]): Ask[] {
  return boards.flatMap((board) =>
    board.panels.flatMap(({ queries }) =>
      queries.flatMap((query) => {
        const taken = takeApart(query, board);
        return taken.type === "needs" ? asksOf(taken.need) : [];
      }),
    ),
  );
}

function asksOf(need: Need): Ask[] {
  switch (need.type) {
    case "all":
    case "any":
      return need.parts.flatMap(asksOf);
    case "may":
      return asksOf(need.part);
    case "unknown":
      return [];
    default:
      return [need];
  }
}
