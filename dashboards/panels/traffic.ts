import type { Board, Miniserve } from "../board.ts";
import { valueColours } from "../colours.ts";
import { lines, stackedBars } from "../shapes/timeseries.ts";
import { namesOf } from "./series.ts";

export function routeRateTimeseries({ contract, query }: Board<Miniserve>) {
  return stackedBars({
    title: "Requests by route",
    description:
      "Requests a second. A route that grows alone is one client or one job: its outcomes tell whether the server keeps up.",
    whenEmpty: "No request in this time range",
    query: query.spans("handler").rate().by("route"),
    unit: "reqps",
    series: namesOf(valueColours(contract, "route")),
  });
}

export function statusRateTimeseries({ contract, query }: Board<Miniserve>) {
  return stackedBars({
    title: "Requests by status",
    description: `Requests a second. ${contract.attributes.statusCode.meaning} 4xx are the clients' mistakes or their leaving, 429 and 503 a server that is full, 500 a failure.`,
    whenEmpty: "No request in this time range",
    query: query.spans("handler").rate().by("statusCode"),
    unit: "reqps",
    series: [
      { value: "200", colour: "green" },
      { value: "500", colour: "red" },
    ],
  });
}

export function errorTypeTimeseries({ contract, query }: Board<Miniserve>) {
  return stackedBars({
    title: "Errors by type",
    description: `Requests a second that an error ended. ${contract.attributes.errorType.meaning} docs/api.md says of each code what to do.`,
    whenEmpty: "No request ended with an error in this time range",
    query: query
      .spans("handler", (a) => a.errorType.isNotNull())
      .rate()
      .by("errorType"),
    unit: "reqps",
  });
}

export function buildRateTimeseries({ query }: Board<Miniserve>) {
  return stackedBars({
    title: "Requests by build",
    description:
      "Requests a second by the commit that the server was built from. Where one ends and another begins, a new build was started: compare what comes before and after.",
    whenEmpty: "No request in this time range",
    query: query.spans("handler").rate().by(query.resource.serviceVersion),
    unit: "reqps",
  });
}

export function buildDurationTimeseries({ query }: Board<Miniserve>) {
  return lines({
    title: "Mean duration by build",
    description:
      "Of requests from the first byte read to the last byte written. A build whose line is higher is slower, or gets longer requests: compare its tokens too.",
    whenEmpty: "No request in this time range",
    query: query
      .spans("handler")
      .avgOverTime(query.span.duration)
      .by(query.resource.serviceVersion),
    unit: "s",
  });
}

export function buildStepTimeseries({ contract, query }: Board<Miniserve>) {
  return lines({
    title: "Mean decode step by build",
    description: `${contract.attributes.meanStepMs.meaning} It hardly depends on what is asked, so it compares builds best: a higher line is a slower build, or a busier machine.`,
    whenEmpty: "No answer in this time range",
    query: query
      .spans("decode", (a) => a.decodeSteps.gt(0))
      .avgOverTime("meanStepMs")
      .by(query.resource.serviceVersion),
    unit: "ms",
  });
}
