import type { Board } from "../board.ts";
import { valueColours } from "../colours.ts";
import { exploreFromHere } from "../links.ts";
import { bucketHeatmap } from "../shapes/heatmap.ts";
import { countStat, numberStat, type Step } from "../shapes/stat.ts";
import { oneLine, quantileLines, stackedBars } from "../shapes/timeseries.ts";
import { namesOf } from "./series.ts";

const whenNone = "No request in this time range";

function requests({ query, root }: Board) {
  return query.spans(root.identifier);
}

/** From a threshold of a saved query on, red; from half of it on, yellow. */
export function stepsTo(threshold: number): Step[] {
  return [
    { from: threshold / 2, colour: "yellow" },
    { from: threshold, colour: "red" },
  ];
}

export function requestCountStat(board: Board) {
  return countStat({
    title: "Requests",
    description:
      "Requests in this time range, however they ended. None at all means that nobody asks, or that no trace arrives: run npm run stack:status.",
    whenEmpty: "0",
    query: requests(board).countOverTime(),
  });
}

export function requestErrorStat(board: Board) {
  const failed = board.query.spans(board.root.identifier, (_, span) => span.status.eq("error"));
  return countStat({
    title: "Requests with an error",
    description:
      "Requests whose span has the status error: a stage threw, time ran out, or the server stopped. Any is one too many: follow the link and open a trace.",
    whenEmpty: "0",
    query: failed.countOverTime(),
    steps: [{ from: 1, colour: "red" }],
    links: [{ title: "Show them in Explore", url: exploreFromHere(board, failed.text) }],
  });
}

export function requestDurationStat(board: Board) {
  const slow = board.savedQueries.find(({ id }) => id === "slow-requests");
  const thresholdMs = Number(slow?.parameters.threshold?.default ?? 10_000);
  return numberStat({
    title: "Duration, p95",
    description: `5 in 100 requests took longer, from the first byte read to the last byte written. Red from ${thresholdMs} ms on, as in the saved query Slow requests: see below which stage takes the time. Up to a factor of 2 off, as every quantile here.`,
    whenEmpty: "–",
    query: requests(board).quantileOverTime(board.query.span.duration, 0.95),
    unit: "s",
    steps: stepsTo(thresholdMs / 1000),
  }).decimals(2);
}

/** By outcome where the contract has outcomes. */
export function requestOutcomeTimeseries(board: Board) {
  const { contract, root } = board;
  const attribute = contract.outcomes?.attribute;
  const texts = {
    title: "Requests",
    whenEmpty: whenNone,
    unit: "reqps",
  };
  if (attribute === undefined) {
    const query = requests(board).rate();
    const description = "Requests that began, a second.";
    return oneLine({ ...texts, description, query, name: "requests", colour: "green" });
  }
  return stackedBars({
    ...texts,
    title: "Requests by outcome",
    description: `Requests a second. ${root.attributes[attribute]?.meaning ?? ""} A growing part that is not green is what to look at: its saved query says what to do.`,
    query: requests(board).rate().by(attribute),
    series: namesOf(valueColours(contract, attribute)),
  });
}

export function requestDurationTimeseries(board: Board) {
  return quantileLines({
    title: "Duration of requests",
    description:
      "From the first byte read to the last byte written. A p99 that leaves the p50 behind means that some requests wait or run away; all of them rising together means that the machine is busy.",
    whenEmpty: whenNone,
    query: requests(board).quantileOverTime(board.query.span.duration, 0.5, 0.95, 0.99),
    unit: "s",
  });
}

export function requestDurationHeatmap(board: Board) {
  return bucketHeatmap({
    title: "Duration of the requests around it",
    description:
      "How many requests took how long, and when. Hold the duration of this one against it: far above the dark cells it is one of a few, within them all are as slow.",
    whenEmpty: whenNone,
    query: requests(board).histogramOverTime(board.query.span.duration),
    unit: "s",
  });
}

export function requestErrorTimeseries(board: Board) {
  const failed = board.query.spans(board.root.identifier, (_, span) => span.status.eq("error"));
  return oneLine({
    title: "Requests with an error",
    description:
      "Requests a second whose span has the status error. A burst is one cause, such as a restart; a steady rate is a kind of request that always fails.",
    whenEmpty: "No request failed in this time range",
    query: failed.rate(),
    unit: "reqps",
    name: "with an error",
    colour: "red",
  });
}
