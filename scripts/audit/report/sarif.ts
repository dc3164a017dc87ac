import { pathToFileURL } from "node:url";
import { shortText } from "#contract";
import { literalOffsets } from "../documents/literal-offsets.ts";
import type { AuditedPanel, AuditedQuery } from "../judge/audit-boards.ts";
import type { Span } from "../queries/need.ts";
import type { UnreadSource } from "../sources/audited-source.ts";
import type { AuditedBoard } from "./audit-report.ts";
import { faultWords } from "./words.ts";

const rules = {
  "dead-name": "A query asks for a name that no contract declares and no store has seen.",
  "unreadable-query": "A query, a panel or a file cannot be read.",
  "empty-now": "A query finds nothing now, although its names exist.",
  "renamed-name": "A query asks for a name that is another one now.",
} as const;

type RuleId = keyof typeof rules;

const levels = {
  "dead-name": "error",
  "unreadable-query": "warning",
  "empty-now": "note",
  "renamed-name": "note",
} as const satisfies Record<RuleId, string>;

interface Finding {
  readonly ruleId: RuleId;
  readonly message: string;
  readonly at?: Span;
}

/** What was found as SARIF 2.1.0, as code hosts and editors read it. */
export function createSarif(boards: readonly AuditedBoard[], unread: readonly UnreadSource[]) {
  const results = [
    ...boards.flatMap((board) => board.panels.flatMap((panel) => panelResults(board, panel))),
    ...unread.map(({ place, reason }) =>
      createResult({ ruleId: "unreadable-query", message: reason }, [{ uri: toUri(place) }]),
    ),
  ];
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "dashboards:audit",
            rules: Object.entries(rules).map(([id, text]) => ({
              id,
              shortDescription: { text },
              defaultConfiguration: { level: levels[id as RuleId] },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        results,
      },
    ],
  };
}

function panelResults(board: AuditedBoard, audited: AuditedPanel) {
  const { panel, state, why, queries } = audited;
  const title = `${panel.what} "${shortText(panel.title)}" of "${shortText(board.board.title)}"`;
  if (queries.length === 0) {
    return state === "unreadable"
      ? [
          createResult({ ruleId: "unreadable-query", message: `${title}: ${why}` }, [
            { uri: toUri(board.source.place) },
          ]),
        ]
      : [];
  }
  return queries.flatMap((query) =>
    findingsOf(query, audited).map((finding) =>
      createResult({ ...finding, message: `${title}: ${finding.message}` }, [
        { uri: toUri(board.source.place), region: findRegion(board, query, finding.at) },
      ]),
    ),
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

interface Location {
  readonly uri: string;
  readonly region?: object | undefined;
}

function createResult({ ruleId, message }: Finding, locations: readonly Location[]) {
  return {
    ruleId,
    ruleIndex: Object.keys(rules).indexOf(ruleId),
    level: levels[ruleId],
    message: { text: shortText(message, 1_000) },
    locations: locations.map(({ uri, region }) => ({
      physicalLocation: { artifactLocation: { uri }, ...(region === undefined ? {} : { region }) },
    })),
  };
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

/** A path relative to where the command runs, as code hosts want it; an address of a Grafana as it is. */
function toUri(place: string): string {
  if (/^https?:\/\//.test(place)) {
    return URL.parse(place)?.href ?? "";
  }
  const isAbsolute = place.startsWith("/");
  return isAbsolute
    ? pathToFileURL(place).href
    : place.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
}
