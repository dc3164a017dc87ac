import type { Miniserve } from "#miniserve";
import { valueColours } from "../colours.ts";
import type { DashboardContext } from "../context.ts";
import { meanByPanel } from "../panels/measured.ts";
import { aMinute } from "../panels/requests.ts";
import { listSeriesNames } from "../panels/series.ts";
import { lines, stackedBars, stackedBarsOfMany } from "../shapes/timeseries.ts";

export function routeRateTimeseries({ contract, query }: DashboardContext<Miniserve>) {
  return stackedBars({
    title: "Requests by route",
    description:
      "Requests a minute. A route that grows alone is one client or one job: its outcomes tell whether the server keeps up.",
    whenEmpty: "No request",
    query: query.spans("handler").countOverTime().by("route"),
    ...aMinute,
    series: listSeriesNames(valueColours(contract, "route")),
  });
}

export function statusRateTimeseries({ contract, query }: DashboardContext<Miniserve>) {
  return stackedBars({
    title: "Requests by status",
    description: `Requests a minute. ${contract.attributes.statusCode.brief} 4xx are the clients' mistakes or their leaving, 429 and 503 a server that is full, 500 a failure.`,
    whenEmpty: "No request",
    query: query.spans("handler").countOverTime().by("statusCode"),
    ...aMinute,
    series: listSeriesNames(valueColours(contract, "statusCode")),
  });
}

export function errorTypeTimeseries({ contract, query }: DashboardContext<Miniserve>) {
  return stackedBarsOfMany({
    title: "Refused, left or failed, by type",
    description: `Requests a minute that did not end as asked, and how many in all. ${contract.attributes.errorType.brief} Only some are failures of the server: others it refused, or their client left. docs/api.md says of each code what to do.`,
    whenEmpty: "Every request ended as asked",
    query: query
      .spans("handler", (a) => a.errorType.isNotNull())
      .countOverTime()
      .by("errorType"),
    ...aMinute,
  });
}

export function buildRateTimeseries({ query }: DashboardContext<Miniserve>) {
  return stackedBars({
    title: "Requests by build",
    description:
      "Requests a minute by the commit that the server was built from. Where one ends and another begins, a new build was started: compare what comes before and after.",
    whenEmpty: "No request",
    query: query.spans("handler").countOverTime().by(query.resource.serviceVersion),
    ...aMinute,
  });
}

export function buildDurationTimeseries({ query }: DashboardContext<Miniserve>) {
  return lines({
    title: "Mean duration by build",
    description:
      "Of requests from the first byte read to the last byte written. A build whose line is higher is slower, or gets longer requests: compare its tokens too.",
    whenEmpty: "No request",
    query: query
      .spans("handler")
      .avgOverTime(query.span.duration)
      .by(query.resource.serviceVersion),
    unit: "s",
  });
}

export function buildStepTimeseries(board: DashboardContext<Miniserve>) {
  return meanByPanel(board, "decode.meanStepMs", {
    title: "Mean decode step by build",
    advice:
      "It hardly depends on what is asked, so it compares builds best: a higher line is a slower build, or a busier machine.",
    whenEmpty: "No answer",
    aboveZero: "decodeSteps",
    by: board.query.resource.serviceVersion,
  });
}
