import {
  grafanaUnit,
  type Instrument,
  panelExpression,
  processLabel,
  quantileLabel,
  type StoredMetric,
} from "#contract";
import type { DashboardContext } from "../context.ts";
import { metricLines } from "../shapes/metric-lines.ts";
import { histogramSeries } from "../shapes/series-names.ts";
import { oneLine, stackedBars } from "../shapes/timeseries.ts";
import { listIdentifiers, stageSeries } from "./stages.ts";

/** What arrived in the store: asked of the traces, so that it is true whatever the programs say. */
export function spansStoredTimeseries(board: DashboardContext) {
  const { query } = board;
  return stackedBars({
    title: "Spans in the store",
    description:
      "Spans a second that are there to be asked for, by name. Hold it against those that the server sent: what is missing here was lost on the way, or is not found yet.",
    whenEmpty: "No span in this time range",
    query: query.anySpan().rate().by(query.span.name),
    unit: "ops",
    series: stageSeries(board),
  });
}

/** Beside the spans: a request whose root is missing has lost what tells how it ended. */
export function requestsStoredTimeseries({ query, roots }: DashboardContext) {
  return oneLine({
    title: "Requests in the store",
    description: `Requests a second whose ${roots.map(({ name }) => name).join(" or ")} is there. A gap while clients were served means that no trace arrives: look below, and at npm run stack:status.`,
    whenEmpty: "No request in this time range",
    query: query.spans(listIdentifiers(roots)).rate(),
    unit: "reqps",
    name: "requests",
    colour: "green",
  });
}

/** A metric in the form that suits its instrument: rates, levels or quantiles. */
export function metricTimeseries(metric: StoredMetric) {
  const { title, brief, advice, instrument, splitBy, name } = metric;
  return metricLines({
    title,
    description: `${brief} ${advice} In Prometheus: ${name}${rateNotes[instrument]}.`,
    whenEmpty: "Prometheus has no such metric in this time range",
    query: panelExpression(metric),
    unit: getPanelUnit(metric),
    splitBy: listLabels(instrument, splitBy),
    series: instrument === "histogram" ? histogramSeries : [],
  });
}

const rateNotes: Readonly<Record<Instrument, string>> = {
  histogram: ", its quantiles",
  counter: ", a second",
  "observable-counter": ", a second",
  gauge: "",
};

function listLabels(instrument: Instrument, splitBy: readonly string[]): readonly string[] {
  switch (instrument) {
    case "histogram":
      return [quantileLabel];
    case "gauge":
      return [processLabel, ...splitBy];
    default:
      return splitBy;
  }
}

function getPanelUnit({ instrument, unit }: StoredMetric): string {
  const isRate = instrument === "counter" || instrument === "observable-counter";
  if (isRate) {
    return unit === "By" ? "Bps" : "ops";
  }
  return unit === "1" ? "percentunit" : grafanaUnit(unit);
}
