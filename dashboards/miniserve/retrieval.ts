import type { Miniserve } from "#miniserve";
import type { DashboardContext } from "../context.ts";
import { meanPanel } from "../panels/measured.ts";
import { aMinute } from "../panels/requests.ts";
import { buildSpread, spreadNote } from "../panels/series.ts";
import { stageSeries } from "../panels/stages.ts";
import { shareBars, spreadLines, stackedBars } from "../shapes/timeseries.ts";

const whenNone = "No request with retrieval";

export function retrievalRateTimeseries({ contract, query }: DashboardContext<Miniserve>) {
  return stackedBars({
    title: "Requests with retrieval by index",
    description: `Requests a minute. ${contract.attributes.indexName.brief}`,
    whenEmpty: whenNone,
    query: query.spans("retrieve").countOverTime().by("indexName"),
    ...aMinute,
  });
}

export function retrievalDurationTimeseries({ contract, query }: DashboardContext<Miniserve>) {
  return spreadLines({
    title: "Duration of retrieval",
    description: `${contract.spans.retrieve.brief} The client waits for it before its first token: see at the right which part takes the time. ${spreadNote}`,
    whenEmpty: whenNone,
    ...buildSpread(query.spans("retrieve"), query.span.duration),
    unit: "s",
  });
}

export function retrievalTimeTimeseries(board: DashboardContext<Miniserve>) {
  const { contract, query } = board;
  const { embedQuery, vectorSearch, rerank } = contract.spans;
  return shareBars({
    title: "Where the time of retrieval goes",
    description:
      "The part of each stage below retrieval in their time. Embedding is the model's work, search grows with the index, reranking with the passages found.",
    whenEmpty: whenNone,
    query: query
      .spans(["embedQuery", "vectorSearch", "rerank"])
      .sumOverTime(query.span.duration)
      .by(query.span.name),
    unit: "s",
    series: stageSeries(board, [embedQuery, vectorSearch, rerank]),
  });
}

export function docsRetrievedTimeseries(board: DashboardContext<Miniserve>) {
  return meanPanel(board, "retrieve.docsRetrieved", {
    title: "Passages found",
    advice: "Zero means an empty index, or the wrong one.",
    whenEmpty: whenNone,
    name: "found",
    colour: "light-purple",
  });
}

export function docsRerankedTimeseries(board: DashboardContext<Miniserve>) {
  return meanPanel(board, "retrieve.docsReranked", {
    title: "Passages kept",
    advice:
      "Near zero while passages are found means that the questions are not about what the index holds.",
    whenEmpty: whenNone,
    name: "kept",
    colour: "purple",
  });
}
