import type { SavedQuery, Severity } from "#contract";
import type { Board } from "../board.ts";
import { exploreFromHere, uidOf } from "../links.ts";
import type { PanelBuilder } from "../shapes/panel-builder.ts";
import { spanTable } from "../shapes/span-table.ts";
import { countStat } from "../shapes/stat.ts";
import { heightOfText, markdownText } from "../shapes/text.ts";

const bySeverity: readonly Severity[] = ["critical", "warning", "info"];

/** The saved queries, those that matter most first. */
export function inOrderOfSeverity({ savedQueries }: Board): SavedQuery[] {
  return bySeverity.flatMap((severity) =>
    savedQueries.filter((query) => query.severity === severity),
  );
}

/** One for each saved query that can be counted: red when it is not zero. */
export function unusualCountStats(board: Board): PanelBuilder[] {
  return inOrderOfSeverity(board).flatMap((query) => {
    const { title, count, table } = query;
    return count === null
      ? []
      : [
          countStat({
            title,
            description: explanation(query),
            whenEmpty: "0",
            query: { text: count },
            steps: [{ from: 1, colour: "red" }],
            links: [
              { title: "Show them in Explore", url: exploreFromHere(board, table) },
              {
                title: "All saved queries",
                url: `/d/${uidOf(board, "saved-queries")}?\${__url_time_range}`,
              },
            ],
          }),
        ];
  });
}

function explanation({ question, action, severity }: SavedQuery): string {
  return `${question} ${action} Severity: ${severity}.`;
}

/** The newest that a saved query finds. */
export function foundTable(board: Board, query: SavedQuery) {
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
export function explanationText(board: Board, query: SavedQuery, width: number) {
  const { id, title, question, action, severity, alert } = query;
  const values = Object.entries(query.parameters)
    .filter(([, { unit }]) => unit !== undefined)
    .map(([name, { meaning, unit, default: value }]) => `\`${name}\` ${value} ${unit}: ${meaning}`);
  const paragraphs = [
    `**${question}**`,
    action,
    `Severity ${severity}.${alert === null ? "" : ` Alerts above ${alert.above} in ${alert.windowMinutes} minutes.`}`,
    ...values,
    `[Open in Explore](${exploreFromHere(board, query.table)}), or \`npm run query -- ${id}\``,
  ];
  return {
    panel: markdownText(title, paragraphs.join("\n\n")),
    height: Math.max(heightOfTable, heightOfText(paragraphs, width)),
  };
}
