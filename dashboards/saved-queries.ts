import type { Board } from "./board.ts";
import { dashboardFile } from "./dashboard.ts";
import * as saved from "./panels/saved-queries.ts";
import { chosenVariables, parameterVariables } from "./variables.ts";

/** Each saved query with what it asks, what to do, and what it finds, the gravest first. */
export function savedQueries(board: Board) {
  const queries = saved.inOrderOfSeverity(board);
  return dashboardFile(board, {
    name: "saved-queries",
    meaning:
      "The questions that are asked again and again, with what to do when one finds something.",
    refresh: "",
    variables: [...chosenVariables(board), ...parameterVariables(board)],
    rows: [...Map.groupBy(queries, ({ severity }) => severity)].map(([severity, group]) => ({
      title: `Severity ${severity}`,
      panels: group.flatMap((query) => [
        saved.explanationText(board, query).span(7).height(8),
        saved.foundTable(board, query).span(17).height(8),
      ]),
    })),
  });
}
