import type { SpanDefinition } from "#contract";
import { type DashboardContext, isInEveryRequest } from "./context.ts";
import { dashboardFile } from "./dashboard.ts";
import * as requests from "./panels/requests.ts";
import * as stages from "./panels/stages.ts";
import * as trace from "./panels/trace.ts";
import { chosenVariables, traceIdVariable } from "./variables.ts";

/** All about the request with one trace id, beside those that can be chosen. */
export function oneRequest(board: DashboardContext) {
  const carrying = Object.values(board.contract.spans).filter(
    ({ attributes }) => Object.keys(attributes).length > 0,
  );
  const isAlways = (span: SpanDefinition) => isInEveryRequest(board.contract, span);
  const stageTable = (span: SpanDefinition) =>
    trace.stageAttributesTable(board, span).span(24).height(4);
  return dashboardFile(board, {
    name: "one-request",
    brief: "The trace of one request, what its stages say, its log lines, and how others fared.",
    refresh: "",
    variables: [traceIdVariable(), ...chosenVariables(board)],
    rows: [
      {
        title: "What happened?",
        panels: [
          trace.newestRequestTable(board).span(8).height(14),
          trace.traceView().span(16).height(14),
        ],
      },
      {
        title: "Was it slower than others?",
        panels: [
          stages.ownStageBarGauge(board).span(8).height(9),
          stages.peerStageBarGauge(board, "Requests around it, ≈ p50", 0.5).span(8).height(9),
          stages.peerStageBarGauge(board, "Requests around it, ≈ p95", 0.95).span(8).height(9),
          requests.requestDurationHeatmap(board).span(24).height(7),
        ],
      },
      {
        title: "What do its stages say?",
        panels: carrying.filter(isAlways).map(stageTable),
      },
      { title: "What was logged?", panels: [trace.logLineList(board).span(24).height(8)] },
      {
        title: "What do stages say that not every request has?",
        panels: carrying.filter((span) => !isAlways(span)).map(stageTable),
        isFolded: true,
      },
    ],
  });
}
