import type { DashboardContext } from "./context.ts";
import { dashboardFile, pageWidth } from "./dashboard.ts";
import * as saved from "./panels/saved-queries.ts";
import { chosenVariables, parameterVariables } from "./variables.ts";

const textWidth = 7;

/**
 * Each saved query, the gravest first: how much it finds, and folded, since most find nothing on most
 * days, what it asks, what to do, and the newest that it finds.
 */
export function savedQueries(board: DashboardContext) {
  const queries = saved.inOrderOfSeverity(board);
  const unusual = saved.unusualLists(board);
  return dashboardFile(board, {
    name: "saved-queries",
    brief:
      "The questions that are asked again and again, with what to do when one finds something.",
    refresh: "",
    variables: [...chosenVariables(board), ...parameterVariables(board)],
    rows: [
      {
        title: "How many are there?",
        panels: unusual.map((panel) => panel.span(pageWidth / unusual.length)),
      },
      ...queries.map((query) => {
        const { panel, height } = saved.explanationText(board, query, textWidth);
        const table = saved.foundTable(board, query).span(pageWidth - textWidth);
        return {
          title: `${query.title} (${query.severity})`,
          panels: [panel.span(textWidth).height(height), table.height(height)],
          isFolded: true,
        };
      }),
    ],
  });
}
