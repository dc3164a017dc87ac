import { shortText } from "#contract";
import { createSarif, type SarifResult, type SarifRule } from "../../sarif/sarif.ts";
import { literalOffsets } from "../documents/literal-offsets.ts";
import type { AuditedPanel, AuditedQuery } from "../judge/audit-boards.ts";
import type { Span } from "../queries/need.ts";
import type { UnreadSource } from "../sources/audited-source.ts";
import type { AuditedBoard } from "./audit-report.ts";
import { faultWords } from "./words.ts";

const rules = [
  {
    id: "dead-name",
    text: "A query asks for a name that no contract declares and no store has seen.",
    level: "error",
  },
  { id: "unreadable-query", text: "A query, a panel or a file cannot be read.", level: "warning" },
  {
    id: "empty-now",
    text: "A query finds nothing now, although its names exist.",
    level: "note",
  },
  {
    id: "renamed-name",
    text: "A query asks for a name that is another one now.",
    level: "note",
  },
] as const satisfies readonly SarifRule[];

interface Finding {
  readonly ruleId: (typeof rules)[number]["id"];
  readonly message: string;
  readonly at?: Span;
}

/** What was found, as code hosts and editors read it. */
export function auditSarif(
  boards: readonly AuditedBoard[],
  unread: readonly UnreadSource[],
): object {
  const results = [
    ...boards.flatMap((board) => board.panels.flatMap((panel) => panelResults(board, panel))),
    ...unread.map(
      ({ place, reason }): SarifResult => ({
        ruleId: "unreadable-query",
        message: reason,
        locations: [{ place }],
      }),
    ),
  ];
  return createSarif({ tool: "dashboards:audit", rules, results });
}

function panelResults(board: AuditedBoard, audited: AuditedPanel): SarifResult[] {
  const { panel, state, why, queries } = audited;
  const title = `${panel.what} "${shortText(panel.title)}" of "${shortText(board.board.title)}"`;
  if (queries.length === 0) {
    return state === "unreadable"
      ? [
          {
            ruleId: "unreadable-query",
            message: `${title}: ${why}`,
            locations: [{ place: board.source.place }],
          },
        ]
      : [];
  }
  return queries.flatMap((query) =>
    findingsOf(query, audited).map(({ ruleId, message, at }) => ({
      ruleId,
      message: `${title}: ${message}`,
      locations: [{ place: board.source.place, region: findRegion(board, query, at) }],
    })),
  );
}

function findingsOf(query: AuditedQuery, { state }: AuditedPanel): Finding[] {
  const renamed = query.notes.flatMap((note): Finding[] =>
    note.renamedTo === undefined
      ? []
      : [
          {
            ruleId: "renamed-name",
            message: `${faultWords(note)} is ${note.renamedTo} now`,
            at: note.at,
          },
        ],
  );
  switch (query.state) {
    case "dead":
      return query.faults.map((fault) => ({
        ruleId: "dead-name",
        message: `there is no ${faultWords(fault)}${fault.nearest === undefined ? "" : `; did you mean ${fault.nearest}?`}`,
        at: fault.at,
      }));
    case "unreadable":
      return [
        {
          ruleId: "unreadable-query",
          message: query.why ?? "it cannot be read",
          ...(query.at === undefined ? {} : { at: query.at }),
        },
      ];
    case "empty now":
      return state === "empty now"
        ? [{ ruleId: "empty-now", message: emptyWords(query) }, ...renamed]
        : renamed;
    default:
      return renamed;
  }
}

function emptyWords({ notes }: AuditedQuery): string {
  const missing = notes.map((note) => `; no store has ${faultWords(note)}`);
  return `its names are declared, and it finds nothing now${missing.join("")}`;
}

/** Where it stands in the file: exactly, where the text is written plainly, else the whole query. */
function findRegion({ source, board, lines }: AuditedBoard, { query }: AuditedQuery, at?: Span) {
  const place = query.path === undefined ? undefined : board.document.findPlace(query.path);
  if (place === undefined || source.text === undefined || lines === undefined) {
    return undefined;
  }
  const { text } = source;
  const offsets =
    at === undefined ? undefined : literalOffsets(text.slice(place.start, place.end), query.text);
  // What is missing at the end is shown at the last character.
  const last = query.text.length;
  const first = Math.min(at?.from ?? 0, Math.max(0, last - 1));
  const start = place.start + (offsets?.[first] ?? 0);
  const end =
    offsets === undefined
      ? place.end
      : place.start + (offsets[Math.min(Math.max(at?.to ?? 0, first + 1), last)] ?? 0);
  const [from, to] = [lines.find(start), lines.find(Math.max(start, end))];
  return {
    startLine: from.line,
    startColumn: from.column,
    endLine: to.line,
    endColumn: to.column,
  };
}
