import { type Attribute, isDuration, type SpanDefinition, unitWords } from "#contract";
import { valueColours } from "../colours.ts";
import { type DashboardContext, isInEveryRequest } from "../context.ts";
import { bucketHeatmap } from "../shapes/heatmap.ts";
import type { PanelBuilder } from "../shapes/panel-builder.ts";
import { unsetSeries } from "../shapes/series-names.ts";
import { ownColumns } from "../shapes/span-columns.ts";
import { spanTable } from "../shapes/span-table.ts";
import { oneLine, shareBars, spreadLines } from "../shapes/timeseries.ts";
import { readLooks, readQuantity } from "./measured.ts";
import { buildSpread, listSeriesNames, spreadNote } from "./series.ts";

interface Carried {
  readonly span: SpanDefinition;
  readonly identifier: string;
  readonly attribute: Attribute;
}

/**
 * The panel that suits what an attribute is. What it may show, TraceQL decides: it has quantiles and
 * buckets of integers and durations only, and means of all numbers.
 */
export function attributePanel(board: DashboardContext, carried: Carried): PanelBuilder {
  const { type, unit, unique } = carried.attribute;
  switch (type) {
    case "string":
      return unique ? valueTable(board, carried) : valueShareTimeseries(board, carried);
    case "boolean":
      return valueShareTimeseries(board, carried);
    case "double":
      return meanTimeseries(board, carried);
    case "int":
      if (unit === undefined) {
        return valueShareTimeseries(board, carried);
      }
      return isDuration(unit)
        ? durationTimeseries(board, carried)
        : distributionHeatmap(board, carried);
    default:
      return type satisfies never;
  }
}

/** Whether it has one value only, of which no panel could show more than that. */
export function isConstant({ values }: Attribute): boolean {
  return values?.length === 1;
}

/** How many series a person can tell apart. */
const seriesAtMost = 10;

function valueShareTimeseries({ contract, query }: DashboardContext, carried: Carried) {
  const { span, identifier, attribute } = carried;
  const counted = query.spans(span.identifier).countOverTime().by(identifier);
  const booleans = new Map([
    ["true", "blue"],
    ["false", "orange"],
  ]);
  const colours = attribute.type === "boolean" ? booleans : valueColours(contract, identifier);
  return shareBars({
    ...createPanelTexts(carried, "The part of each value over time."),
    query: attribute.values === undefined ? counted.topK(seriesAtMost) : counted,
    unit: "short",
    series: [...listSeriesNames(colours), unsetSeries],
  });
}

function valueTable(board: DashboardContext, carried: Carried) {
  const { span, identifier } = carried;
  const { attributes } = board.contract.resource;
  return spanTable(board, {
    ...createPanelTexts(carried, "Nearly every span has another value: the newest."),
    query: board.query.spans(span.identifier).select(identifier).with({ mostRecent: true }),
    without: [
      ...ownColumns.duration,
      ...ownColumns.spanId,
      ...Object.values(attributes).map(({ key }) => key),
    ],
  });
}

function meanTimeseries(board: DashboardContext, carried: Carried) {
  const { span, identifier, attribute } = carried;
  return oneLine({
    ...createPanelTexts(
      carried,
      "The mean over time: TraceQL has no quantiles of measured numbers.",
    ),
    query: board.query
      .spans(span.identifier)
      .avgOverTime(readQuantity(board, span, identifier, "double")),
    ...readLooks(attribute),
    name: "mean",
    colour: "blue",
  });
}

function durationTimeseries(board: DashboardContext, carried: Carried) {
  const { span, identifier, attribute } = carried;
  return spreadLines({
    ...createPanelTexts(carried, `Over time, quantiles without values below 2. ${spreadNote}`),
    ...buildSpread(
      board.query.spans(span.identifier),
      readQuantity(board, span, identifier, "int"),
    ),
    ...readLooks(attribute),
  });
}

function distributionHeatmap(board: DashboardContext, carried: Carried) {
  const { span, identifier, attribute } = carried;
  return bucketHeatmap({
    ...createPanelTexts(
      carried,
      "How often which size came, in powers of 2, without values below 2.",
    ),
    query: board.query
      .spans(span.identifier)
      .histogramOverTime(readQuantity(board, span, identifier, "int")),
    ...readLooks(attribute),
  });
}

export function spanDurationTimeseries({ query }: DashboardContext, span: SpanDefinition) {
  return spreadLines({
    title: "Duration",
    description: `${span.brief} ${spreadNote} A high value: compare with the attributes beside it, which say how much it had to do.`,
    whenEmpty: `No ${span.name} in this time range`,
    ...buildSpread(query.spans(span.identifier), query.span.duration),
    unit: "s",
  });
}

export function spanRateTimeseries({ contract, query }: DashboardContext, span: SpanDefinition) {
  return oneLine({
    title: "How often",
    description: [
      `${span.brief} Spans a second.`,
      ...(isInEveryRequest(contract, span) ? [] : ["Not every request has one."]),
      ...Object.values(span.attributes)
        .filter(isConstant)
        .map(({ key, values }) => `Its ${key} is always ${values?.[0]}.`),
    ].join(" "),
    whenEmpty: `No ${span.name} in this time range`,
    query: query.spans(span.identifier).rate(),
    unit: "suffix:/s",
    name: "spans",
    colour: "green",
  });
}

function createPanelTexts({ span, identifier, attribute }: Carried, shows: string) {
  const { key, brief, unit } = attribute;
  const measuredIn = unitWords(unit);
  const isAlways = [...span.atStart, ...span.atEnd].includes(identifier);
  return {
    title: key,
    description: [
      brief,
      measuredIn === undefined ? "" : `In ${measuredIn}.`,
      shows,
      isAlways ? "" : "Not every span of this name has it.",
    ]
      .filter((sentence) => sentence !== "")
      .join(" "),
    whenEmpty: `No ${span.name} with it in this time range`,
  };
}
