import { severityColours, valueColours } from "../colours.ts";
import { type DashboardContext, savedQuery } from "../context.ts";
import { exploreFromHere } from "../links.ts";
import { bucketHeatmap } from "../shapes/heatmap.ts";
import { countStat, spreadStat } from "../shapes/stat.ts";
import { oneBar, spreadLines, stackedBars } from "../shapes/timeseries.ts";
import { limitSteps, limitText } from "./measured.ts";
import { buildSpread, listSeriesNames, selectExactNumbers, spreadNote } from "./series.ts";
import { listIdentifiers, rootSeries } from "./stages.ts";

const whenNone = "No request";
/** What is counted in each step of a graph. */
export const aMinute = { unit: "short", decimals: 0, axis: "requests a minute" } as const;

function requests({ query, roots }: DashboardContext) {
  return query.spans(listIdentifiers(roots));
}

/** What a request is, where there is one kind of it. */
function requestBrief({ roots }: DashboardContext): string {
  return roots.length === 1 ? roots[0].brief : `Requests of ${roots.length} kinds.`;
}

function failedRequests({ query, roots }: DashboardContext) {
  return query.spans(listIdentifiers(roots), (_, span) => span.status.eq("error"));
}

export function requestCountStat(board: DashboardContext) {
  return countStat({
    title: "Requests",
    description:
      "Requests in this time range, however they ended. None at all means that nobody asks, or that no trace arrives: run npm run stack:status.",
    whenEmpty: "0",
    query: requests(board).countOverTime(),
  });
}

const failedMeaning =
  "Requests that the server failed to answer: their root span has the status error, because a stage threw, time ran out, or the server stopped. What the server refused, and what a client left, is not among them.";

export function requestErrorStat(board: DashboardContext) {
  const failed = failedRequests(board);
  return countStat({
    title: "Failed",
    description: `${failedMeaning} Any is one too many: follow the link and open a trace.`,
    whenEmpty: "0",
    query: failed.countOverTime(),
    steps: [{ from: 1, colour: severityColours.critical }],
    links: [{ title: "Show them in Explore", url: exploreFromHere(board, failed.text) }],
  });
}

export function requestDurationStat(board: DashboardContext) {
  const slow = savedQuery(board, "slow-requests");
  return spreadStat({
    title: "Duration",
    description: `${requestBrief(board)} ${limitText(slow)}`,
    whenEmpty: "–",
    queries: selectExactNumbers(requests(board), board.query.span.duration),
    unit: "s",
    steps: limitSteps(slow, "s"),
  });
}

/** By outcome where the contract has outcomes, otherwise by kind where there are several. */
export function requestOutcomeTimeseries(board: DashboardContext) {
  const { contract, query, roots } = board;
  const attribute = contract.outcomes?.attribute;
  const texts = {
    title: "Requests",
    whenEmpty: whenNone,
    ...aMinute,
  };
  const counted = requests(board).countOverTime();
  if (attribute === undefined && roots.length > 1) {
    return stackedBars({
      ...texts,
      title: "Requests by kind",
      description: "Requests a minute, by the name of their root span.",
      query: counted.by(query.span.name),
      series: rootSeries(roots),
    });
  }
  if (attribute === undefined) {
    const description = "Requests that began in each minute.";
    return oneBar({ ...texts, description, query: counted, name: "requests", colour: "green" });
  }
  return stackedBars({
    ...texts,
    title: "Requests by outcome",
    description: `Requests a minute. ${roots[0].attributes[attribute]?.brief ?? ""} A growing part that is not green is what to look at: its saved query says what to do.`,
    query: counted.by(attribute),
    series: listSeriesNames(valueColours(contract, attribute)),
  });
}

export function requestDurationTimeseries(board: DashboardContext) {
  return spreadLines({
    title: "Duration of requests",
    description: `${requestBrief(board)} A p95 that leaves the p50 behind means that some requests wait or run away; both rising together means that the machine is busy. ${spreadNote}`,
    whenEmpty: whenNone,
    ...buildSpread(requests(board), board.query.span.duration),
    unit: "s",
  });
}

export function requestDurationHeatmap(board: DashboardContext) {
  return bucketHeatmap({
    title: "Duration of the requests around it",
    description:
      "How many requests took how long, and when. Hold the duration of this one against it: far above the dark cells it is one of a few, within them all are as slow.",
    whenEmpty: whenNone,
    query: requests(board).histogramOverTime(board.query.span.duration),
    unit: "s",
  });
}

export function requestErrorTimeseries(board: DashboardContext) {
  return oneBar({
    title: "Failed requests",
    description: `${failedMeaning} A burst is one cause, such as a restart; a steady number is a kind of request that always fails.`,
    whenEmpty: "No request failed",
    query: failedRequests(board).countOverTime().gt(0),
    ...aMinute,
    name: "failed",
    colour: severityColours.critical,
  });
}
