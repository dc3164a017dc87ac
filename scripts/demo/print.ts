import { exploreLink } from "#contract";
import type { CommandCall } from "../../stack/index.ts";
import { type Column, drawTable } from "../query/table.ts";
import type { Finding } from "./findings.ts";
import type { Planted, PlantServer } from "./plant.ts";

type Screen = Pick<CommandCall<Record<never, never>>, "say" | "style" | "columns">;

/** What cannot be planted, and why. */
const neverPlanted: Readonly<Record<string, string>> = {
  "broken-sums": "a correct server never sends it",
};

const traceTitles: Readonly<Record<PlantServer, string>> = {
  stack: "A trace of each, from the running server",
  demo: "A trace of each, from the demo's own server: service.version is demo, and its log lines are not kept",
};

export interface Links {
  /** The viewer's or Grafana's address; null where none runs. */
  readonly pagesUrl: string | null;
  readonly traceLink: (traceId: string) => string | undefined;
}

/** What the saved queries found of what was planted. */
export function printFindings(
  { say, style, columns: width }: Screen,
  findings: readonly Finding[],
): void {
  const rows = findings.map(({ query, planted, notPlanted, found, others }) => ({
    mark: notPlanted > 0 || found.length < planted.length ? "✗" : planted.length > 0 ? "✓" : "–",
    id: query.id,
    planted: planted.length === 0 ? "" : `${planted.length}`,
    found: planted.length === 0 ? "" : `${found.length}`,
    others: others === 0 ? "" : `${others}`,
    note: notPlanted > 0 ? "could not be planted" : (neverPlanted[query.id] ?? query.title),
  }));
  const columns: Column[] = [
    { heading: "", cells: rows.map(({ mark }) => mark) },
    { heading: "saved query", cells: rows.map(({ id }) => id) },
    { heading: "planted", cells: rows.map(({ planted }) => planted), align: "right" },
    { heading: "found", cells: rows.map(({ found }) => found), align: "right" },
    { heading: "others", cells: rows.map(({ others }) => others), align: "right" },
    { heading: "", cells: rows.map(({ note }) => note), mayBeCut: true },
  ];
  say(
    style("bold", "What the saved queries found"),
    ...(drawTable(columns, width) ??
      rows.map(({ mark, id, planted, found }) => `${mark} ${id} ${planted} ${found}`)),
  );
}

/** Where to look now. */
export function printLinks(
  { say, style }: Screen,
  { pagesUrl, traceLink }: Links,
  planted: readonly Planted[],
  findings: readonly Finding[],
): void {
  const range = "from=now-15m&to=now";
  // As it is printed, a query that needs a value would find nothing.
  const star = findings.find(
    ({ query, found }) =>
      found.length > 0 && !Object.values(query.parameters).some(({ isRequired }) => isRequired),
  );
  say("", style("bold", "Look at them"));
  if (pagesUrl !== null) {
    say(
      `Overview       ${pagesUrl}/d/miniserve-overview?${range}`,
      `Saved queries  ${pagesUrl}/d/miniserve-saved-queries?${range}`,
      ...(star === undefined
        ? []
        : [`One of them    ${pagesUrl}${exploreLink(star.query.table, { from: "now-15m" })}`]),
    );
  }
  if (star !== undefined) {
    say(`In the shell   npm run query -- ${star.query.id}`);
  }
  for (const [server, title] of Object.entries(traceTitles)) {
    const traces = planted.filter((one) => one.server === server && one.traceIds.length > 0);
    if (traces.length > 0) {
      say("", style("bold", title));
    }
    for (const { what, traceIds } of traces) {
      const [traceId = ""] = traceIds;
      say(what, `  ${traceLink(traceId) ?? `npm run trace:show -- ${traceId}`}`);
    }
  }
}
