import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  type DataSourceRef,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { FieldColorBuilder, FieldColorModeId } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { PanelTexts } from "./panel-builder.ts";
import { maximumSeries, nameSeries, quantileSeries, type SeriesName } from "./series-names.ts";
import { formatRefId, rangeTarget, type TraceqlText, tempo } from "./target.ts";

/** What lines are of, without where they come from. */
export interface LinesOf extends PanelTexts {
  readonly unit: string;
  readonly decimals?: number;
  readonly axis?: string;
  readonly series?: readonly SeriesName[];
}

export interface Timeseries extends LinesOf {
  readonly query: TraceqlText;
}

/** A datasource, and what it is asked. */
interface Source {
  readonly datasource: DataSourceRef;
  readonly targets: readonly Builder<Dataquery>[];
}

/** For so long a line goes on without a value: traffic may be thin, but silence is a gap. */
const silenceMs = 5 * 60_000;

/** A line a series. */
export function lines(shape: Timeseries): TimeseriesBuilder {
  return shadedLines(shape).withTransformation(shortIds);
}

function shadedLines(shape: Timeseries): TimeseriesBuilder {
  return tempoLines(shape, [shape.query]).fillOpacity(8);
}

/** Tempo leaves out the steps without a value. */
function tempoLines(shape: LinesOf, queries: readonly TraceqlText[]): TimeseriesBuilder {
  return createLinesPanel(shape, tempoSource(queries)).insertNulls(silenceMs);
}

/** The same from any datasource that says itself where it has no value. */
export function createLinesPanel(shape: LinesOf, source: Source): TimeseriesBuilder {
  return timeseries(shape, source)
    .lineWidth(2)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(silenceMs);
}

/** The only series that its query gives, under a name: by an override, as the datasource gives it one too. */
export function oneLine(shape: Timeseries & { readonly name: string; readonly colour: string }) {
  return oneSeries(shadedLines(shape), shape);
}

/** The same as bars, for what is counted. */
export function oneBar(shape: Timeseries & { readonly name: string; readonly colour: string }) {
  return oneSeries(stacked(shape, StackingMode.Normal), shape);
}

function oneSeries(
  panel: TimeseriesBuilder,
  { name, colour }: { readonly name: string; readonly colour: string },
): TimeseriesBuilder {
  return panel
    .overrideByFieldType("number", [{ id: "displayName", value: name }])
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(colour));
}

/** What is measured, twice: TraceQL answers one function in a query. */
export interface Spread {
  readonly quantiles: TraceqlText;
  readonly maximum: TraceqlText;
}

/** The median and what only 5 in 100 exceed, both estimated, and the largest, which is exact. */
export function spreadLines(shape: LinesOf & Spread): TimeseriesBuilder {
  const { quantiles, maximum } = shape;
  return tempoLines({ ...shape, series: [...quantileSeries, maximumSeries] }, [quantiles, maximum]);
}

/** Bars on each other: how many, and of which kind. */
export function stackedBars(shape: Timeseries): TimeseriesBuilder {
  return stacked(shape, StackingMode.Normal).withTransformation(shortIds);
}

/** The same of so many kinds that their names need a column, with how many there were. */
export function stackedBarsOfMany(shape: Timeseries): TimeseriesBuilder {
  return stackedBars(shape).legend(
    new VizLegendOptionsBuilder()
      .showLegend(true)
      .displayMode(LegendDisplayMode.Table)
      .placement(LegendPlacement.Right)
      .calcs(["sum"])
      .sortBy("Total")
      .sortDesc(true),
  );
}

/** Bars that fill the height: which part is of which kind. */
export function shareBars(shape: Timeseries): TimeseriesBuilder {
  return stacked(shape, StackingMode.Percent).withTransformation(shortIds);
}

function stacked(shape: Timeseries, mode: StackingMode): TimeseriesBuilder {
  return timeseries(shape, tempoSource([shape.query]))
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .showPoints(VisibilityMode.Never)
    .stacking(new StackingConfigBuilder().mode(mode).group("A"));
}

function tempoSource(queries: readonly TraceqlText[]): Source {
  return {
    datasource: tempo,
    targets: queries.map((query, index) => rangeTarget(query).refId(formatRefId(index))),
  };
}

function timeseries(shape: LinesOf, { datasource, targets }: Source): TimeseriesBuilder {
  const { title, description, whenEmpty, unit, decimals, axis, series = [] } = shape;
  const panel = new TimeseriesBuilder()
    .title(title)
    .description(description)
    .noValue(whenEmpty)
    .datasource(datasource)
    .targets([...targets])
    .unit(unit)
    .min(0)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
  if (decimals !== undefined) {
    panel.decimals(decimals);
  }
  if (axis !== undefined) {
    panel.axisLabel(axis);
  }
  return nameSeries(panel, series);
}

/** For series that a label tells apart: of a commit or the id of a process, as much as tells it from others. */
export const shortIds = {
  id: "renameByRegex",
  options: {
    regex: "/\\b([0-9a-f]{8})(?:[0-9a-f]{32}|(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\b/",
    renamePattern: "$1",
  },
} as const;
