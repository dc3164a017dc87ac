import type { SavedQuery, Severity } from "#contract";
import { severityColours } from "../colours.ts";
import type { DashboardContext } from "../context.ts";
import { createUid, exploreFromHere } from "../links.ts";
import { computeFindingsHeight, findingList } from "../shapes/finding-list.ts";
import type { PanelBuilder } from "../shapes/panel-builder.ts";
import { spanTable } from "../shapes/span-table.ts";
import { computeTextHeight, markdownText } from "../shapes/text.ts";

const bySeverity: readonly Severity[] = ["critical", "warning", "info"];

/** The saved queries, those that matter most first. */
export function inOrderOfSeverity({ savedQueries }: DashboardContext): SavedQuery[] {
  return bySeverity.flatMap((severity) =>
    savedQueries.filter((query) => query.severity === severity),
  );
}

/** A list for each severity: what was found, the gravest first. What found nothing is not in it. */
export function unusualLists(board: DashboardContext): PanelBuilder[] {
  const counted = inOrderOfSeverity(board).filter(({ total }) => total !== null);
  const groups = Map.groupBy(counted, ({ severity }) => severity);
  const height = computeFindingsHeight(
    Math.max(...[...groups.values()].map(({ length }) => length)),
  );
  return [...groups].map(([severity, queries]) =>
    findingList({
      title: severityTitles[severity],
      description: `What the saved queries of severity ${severity} find in this time range; what finds nothing is left out. A number leads to what was found, and to what it means. Looked for: ${queries.map(({ title }) => title).join(", ")}.`,
      whenEmpty: "Nothing found",
      colour: severityColours[severity],
      findings: queries.map(({ title, question, total, table }) => ({
        name: title,
        query: { text: total ?? "" },
        links: [
          { title: `${question} Show them in Explore`, url: exploreFromHere(board, table) },
          {
            title: "What it means, and what to do",
            url: `/d/${createUid(board, "saved-queries")}?\${__url_time_range}`,
          },
        ],
      })),
    }).height(height),
  );
}

const severityTitles: Readonly<Record<Severity, string>> = {
  critical: "Critical",
  warning: "Warning",
  info: "Good to know",
};

function explanation({ question, action, severity }: SavedQuery): string {
  return `${question} ${action} Severity: ${severity}.`;
}

/** The newest that a saved query finds. */
export function foundTable(board: DashboardContext, query: SavedQuery) {
  const { title, newest } = query;
  return spanTable(board, {
    title,
    description: explanation(query),
    whenEmpty: "None in this time range",
    query: { text: newest },
  });
}

/** Room for some rows. */
const heightOfTable = 8;

/** What a saved query asks, what to do, and how to ask it elsewhere. */
export function explanationText(board: DashboardContext, query: SavedQuery, width: number) {
  const { id, title, question, action, severity, alert } = query;
  const values = Object.entries(query.parameters)
    .filter(([, { unit }]) => unit !== undefined)
    .map(([name, { brief, unit, default: value }]) => `\`${name}\` ${value} ${unit}: ${brief}`);
  const paragraphs = [
    `**${question}**`,
    action,
    `Severity ${severity}.${alert === null ? "" : ` Alerts above ${alert.above} in ${alert.windowMinutes} minutes.`}`,
    ...values,
    `[Open in Explore](${exploreFromHere(board, query.table)}), or \`npm run query -- ${id}\``,
  ];
  return {
    panel: markdownText(title, paragraphs.join("\n\n")),
    height: Math.max(heightOfTable, computeTextHeight(paragraphs, width)),
  };
}
