import { shortText } from "#contract";
import type { CommandCall } from "../../../stack/index.ts";
import { drawTable } from "../../query/table.ts";
import type { State } from "../judge/audit-boards.ts";
import type { AuditReport, PanelReport } from "./audit-report.ts";

type Screen = Pick<CommandCall<Record<never, never>>, "say" | "style" | "columns">;

const colours = {
  dead: "red",
  unreadable: "yellow",
  "empty now": "yellow",
  alive: "green",
  declared: "green",
  "not judged": "dim",
} as const satisfies Record<State, string>;

const stateNames = Object.keys(colours) as State[];

const longestTitle = 60;

/** The panels by file and dashboard. Without `all`, those that are well or not judged are only counted. */
export function sayReport(
  report: AuditReport,
  { all }: { readonly all: boolean },
  screen: Screen,
): void {
  const shown = report.panels.filter(
    ({ state, missing }) =>
      all || ["dead", "unreadable", "empty now"].includes(state) || missing.length > 0,
  );
  for (const [heading, panels] of Map.groupBy(shown, headingOf)) {
    screen.say(screen.style("bold", heading), ...panelLines(panels, screen), "");
  }
  for (const { place, reason } of report.unread) {
    screen.say(`${screen.style("yellow", "not read")}  ${shortText(place)}: ${shortText(reason)}`);
  }
  screen.say(summary(report));
}

function headingOf({ place, board }: PanelReport): string {
  return board === "" ? shortText(place) : `${shortText(place)}: ${shortText(board)}`;
}

interface Row {
  readonly state: State | "";
  readonly panel: string;
  readonly why: string;
  readonly nearest: string;
}

/** A line for each name that is missing. */
function rowsOf(panel: PanelReport): Row[] {
  const { state, why = "", missing } = panel;
  const lines = missing.map(({ name, nearest = "", isRenamed = false }) => ({
    why: whyWords(state, name, isRenamed),
    nearest,
  }));
  const all = why === "" && lines.length > 0 ? lines : [...lines, { why, nearest: "" }];
  return all.map(({ why: line, nearest }, index) => ({
    state: index === 0 ? state : "",
    panel: index === 0 ? titleOf(panel) : "",
    why: shortText(line),
    nearest: shortText(nearest),
  }));
}

function whyWords(state: State, name: string, isRenamed: boolean): string {
  if (state === "dead") {
    return name;
  }
  if (isRenamed) {
    return `${name} is renamed`;
  }
  return state === "empty now" ? `no store has ${name}` : `does without ${name}`;
}

function panelLines(panels: readonly PanelReport[], { columns, style }: Screen): string[] {
  const rows = panels.flatMap(rowsOf);
  const cells = (name: keyof Row) => rows.map((row) => row[name]);
  const table = drawTable(
    [
      { heading: "state", cells: cells("state") },
      { heading: "panel", cells: cells("panel"), mayBeCut: true },
      { heading: "why", cells: cells("why") },
      { heading: "nearest name", cells: cells("nearest") },
    ],
    columns - 2,
  );
  // A name must be whole, or nobody can look for it.
  const lines =
    table ??
    rows.map(({ state, panel, why, nearest }) =>
      [
        state || "   ",
        ...(panel === "" ? [] : [`${panel}:`]),
        why,
        nearest && `(${nearest}?)`,
      ].join(" "),
    );
  return lines.map((line) => {
    const state = stateNames.find((name) => line.startsWith(`${name} `));
    return `  ${state === undefined ? line : style(colours[state], state) + line.slice(state.length)}`;
  });
}

function titleOf({ what, panel }: PanelReport): string {
  const title = shortText(panel === "" ? "(without a title)" : panel, longestTitle);
  return what === "panel" ? title : what === "variable" ? `variable $${title}` : `${what} ${title}`;
}

function summary({ counts, panels, comparedWith }: AuditReport): string {
  const boards = new Set(panels.map(headingOf)).size;
  const size = `${panels.length} panels, variables and rules on ${boards} ${boards === 1 ? "board" : "boards"}`;
  const parts = (["dead", "unreadable", "empty now", "alive", "declared", "not judged"] as const)
    .filter((state) => counts[state] > 0 || state === "dead")
    .map((state) => `${counts[state]} ${state}`);
  return `${size}, compared with ${shortText(comparedWith.join(", "))}: ${parts.join(", ")}.`;
}
