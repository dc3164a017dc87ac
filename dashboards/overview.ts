import { type DashboardContext, savedQuery } from "./context.ts";
import { dashboardFile, pageWidth } from "./dashboard.ts";
import type { OwnRows } from "./own-rows.ts";
import * as requests from "./panels/requests.ts";
import * as saved from "./panels/saved-queries.ts";
import * as stages from "./panels/stages.ts";
import { chosenVariables } from "./variables.ts";

/** How much, how fast, how well: the first look when something may be wrong. */
export function overview(board: DashboardContext, own: OwnRows = {}) {
  const unusual = saved.unusualLists(board);
  return dashboardFile(board, {
    name: "overview",
    brief: "How much, how fast and how well: begin here when something may be wrong.",
    refresh: "1m",
    variables: chosenVariables(board),
    rows: [
      {
        title: "Now",
        panels: [
          requests.requestCountStat(board).span(4).height(4),
          requests.requestErrorStat(board).span(4).height(4),
          requests.requestDurationStat(board).span(4).height(4),
          ...(own.now ?? []),
        ],
      },
      {
        title: "What is unusual now?",
        panels: unusual.map((panel) => panel.span(pageWidth / unusual.length)),
      },
      {
        title: "How much?",
        panels: [
          requests.requestOutcomeTimeseries(board).span(12).height(8),
          requests.requestErrorTimeseries(board).span(12).height(8),
          ...(own.howMuch ?? []),
        ],
      },
      {
        title: "How fast?",
        panels: [
          requests.requestDurationTimeseries(board).span(12).height(8),
          stages.stageTimeTimeseries(board).span(12).height(8),
          stages.stageDurationTimeseries(board).span(12).height(8),
          ...(own.howFast ?? []),
        ],
      },
      ...(own.rows ?? []),
      {
        title: "The newest",
        panels: createNewestTable(board).map((panel) => panel.span(24).height(8)),
      },
    ],
  });
}

/** The newest slow, empty and failed requests: those of the saved queries that this contract has. */
function createNewestTable(board: DashboardContext) {
  return ["slow-requests", "empty-answers", "failed-requests", "failed-stages"]
    .filter((id) => board.savedQueries.some((query) => query.id === id))
    .map((id) => saved.foundTable(board, savedQuery(board, id)));
}
