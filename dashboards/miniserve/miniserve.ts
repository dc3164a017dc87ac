import { miniserve } from "#miniserve";
import { defineOwnRows } from "../own-rows.ts";
import * as answers from "./answers.ts";
import * as retrieval from "./retrieval.ts";
import * as traffic from "./traffic.ts";
import * as waiting from "./waiting.ts";

/** Tokens, cache and retrieval: what only miniserve has. */
export default defineOwnRows(miniserve, (board) => ({
  now: [
    waiting.firstTokenStat(board).span(4).height(4),
    waiting.slotWaitStat(board).span(4).height(4),
    waiting.decodeStepStat(board).span(4).height(4),
  ],
  howMuch: [
    traffic.routeRateTimeseries(board).span(7).height(8),
    traffic.statusRateTimeseries(board).span(7).height(8),
    traffic.errorTypeTimeseries(board).span(10).height(8),
  ],
  howFast: [
    waiting.firstTokenTimeseries(board).span(12).height(8),
    waiting.slotWaitTimeseries(board).span(12).height(8),
    waiting.decodeStepTimeseries(board).span(12).height(8),
  ],
  rows: [
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
  ],
}));
