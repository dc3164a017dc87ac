import {
  createContext,
  type DashboardContext,
  isMiniserve,
  type Miniserve,
  savedQuery,
} from "./context.ts";
import { dashboardFile, pageWidth, type Row } from "./dashboard.ts";
import * as answers from "./panels/answers.ts";
import * as requests from "./panels/requests.ts";
import * as retrieval from "./panels/retrieval.ts";
import * as saved from "./panels/saved-queries.ts";
import * as stages from "./panels/stages.ts";
import * as traffic from "./panels/traffic.ts";
import * as waiting from "./panels/waiting.ts";
import { chosenVariables } from "./variables.ts";

/** How much, how fast, how well: the first look when something may be wrong. */
export function overview(board: DashboardContext) {
  const own = isMiniserve(board.contract) ? createContext(board.contract) : null;
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
          ...(own === null ? [] : miniservePanels(own)),
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
          ...(own === null ? [] : ownTraffic(own)),
        ],
      },
      {
        title: "How fast?",
        panels: [
          requests.requestDurationTimeseries(board).span(12).height(8),
          stages.stageTimeTimeseries(board).span(12).height(8),
          stages.stageDurationTimeseries(board).span(12).height(8),
          ...(own === null ? [] : ownSpeed(own)),
        ],
      },
      ...(own === null ? [] : ownRows(own)),
      {
        title: "The newest",
        panels: createNewestTable(own ?? board).map((panel) => panel.span(24).height(8)),
      },
    ],
  });
}

function miniservePanels(board: DashboardContext<Miniserve>) {
  return [
    waiting.firstTokenStat(board).span(4).height(4),
    waiting.slotWaitStat(board).span(4).height(4),
    waiting.decodeStepStat(board).span(4).height(4),
  ];
}

function ownTraffic(board: DashboardContext<Miniserve>) {
  return [
    traffic.routeRateTimeseries(board).span(7).height(8),
    traffic.statusRateTimeseries(board).span(7).height(8),
    traffic.errorTypeTimeseries(board).span(10).height(8),
  ];
}

function ownSpeed(board: DashboardContext<Miniserve>) {
  return [
    waiting.firstTokenTimeseries(board).span(12).height(8),
    waiting.slotWaitTimeseries(board).span(12).height(8),
    waiting.decodeStepTimeseries(board).span(12).height(8),
  ];
}

function ownRows(board: DashboardContext<Miniserve>): Row[] {
  return [
    {
      title: "How well?",
      panels: [
        answers.stopReasonTimeseries(board).span(12).height(8),
        answers.outputFormatTimeseries(board).span(12).height(8),
        answers.tokensInTimeseries(board).span(8).height(8),
        answers.tokensOutTimeseries(board).span(8).height(8),
        answers.tokensGeneratedTimeseries(board).span(8).height(8),
        answers.cacheHitTimeseries(board).span(12).height(8),
        answers.cacheMissTimeseries(board).span(12).height(8),
      ],
    },
    {
      title: "Retrieval",
      panels: [
        retrieval.retrievalRateTimeseries(board).span(8).height(8),
        retrieval.retrievalDurationTimeseries(board).span(8).height(8),
        retrieval.retrievalTimeTimeseries(board).span(8).height(8),
        retrieval.docsRetrievedTimeseries(board).span(12).height(8),
        retrieval.docsRerankedTimeseries(board).span(12).height(8),
      ],
    },
    {
      title: "Is one build worse than another?",
      panels: [
        traffic.buildRateTimeseries(board).span(8).height(8),
        traffic.buildDurationTimeseries(board).span(8).height(8),
        traffic.buildStepTimeseries(board).span(8).height(8),
      ],
    },
  ];
}

/** The newest slow, empty and failed requests: those of the saved queries that this contract has. */
function createNewestTable(board: DashboardContext) {
  return ["slow-requests", "empty-answers", "failed-requests", "failed-stages"]
    .filter((id) => board.savedQueries.some((query) => query.id === id))
    .map((id) => saved.foundTable(board, savedQuery(board, id)));
}
