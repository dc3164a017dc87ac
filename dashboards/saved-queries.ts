import type { Board } from "./board.ts";
import { dashboardFile, pageWidth } from "./dashboard.ts";
import * as saved from "./panels/saved-queries.ts";
import { chosenVariables, parameterVariables } from "./variables.ts";

const textWidth = 7;

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
      panels: group.flatMap((query) => {
        const { panel, height } = saved.explanationText(board, query, textWidth);
        return [
          panel.span(textWidth).height(height),
          saved
            .foundTable(board, query)
            .span(pageWidth - textWidth)
            .height(height),
        ];
      }),
    })),
  });
}
