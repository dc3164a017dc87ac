import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  type DataSourceRef,
  GraphDrawStyle,
  GraphGradientMode,
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
import { nameSeries, quantileSeries, type SeriesName } from "./series-names.ts";
import { type Printed, rangeTarget, tempo } from "./target.ts";

/** What lines are of, without where they come from. */
export interface LinesOf extends PanelTexts {
  readonly unit: string;
  readonly axis?: string;
  readonly series?: readonly SeriesName[];
}

export interface Timeseries extends LinesOf {
  readonly query: Printed;
}

/** A datasource, and what it is asked. */
interface Source {
  readonly datasource: DataSourceRef;
  readonly target: Builder<Dataquery>;
}

/** A line a series. Where a step has no value, the line goes on: traffic may be thin. */
export function lines(shape: Timeseries): TimeseriesBuilder {
  return linesOf(shape, tempoSource(shape));
}

/** The same from any datasource. */
export function linesOf(shape: LinesOf, source: Source): TimeseriesBuilder {
  return timeseries(shape, source)
    .fillOpacity(8)
    .lineWidth(2)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(true);
}

/** The only series that its query gives, under a name: by an override, as the datasource gives it one too. */
export function oneLine(shape: Timeseries & { readonly name: string; readonly colour: string }) {
  return lines(shape)
    .overrideByFieldType("number", [{ id: "displayName", value: shape.name }])
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(shape.colour));
}

/** The median and what only 5 and 1 in 100 exceed. */
export function quantileLines(shape: Timeseries): TimeseriesBuilder {
  return lines({ ...shape, series: [...(shape.series ?? []), ...quantileSeries] });
}

/** Bars on each other: how many, and of which kind. */
export function stackedBars(shape: Timeseries): TimeseriesBuilder {
  return stacked(shape, StackingMode.Normal);
}

/** Bars that fill the height: which part is of which kind. */
export function shareBars(shape: Timeseries): TimeseriesBuilder {
  return stacked(shape, StackingMode.Percent);
}

function stacked(shape: Timeseries, mode: StackingMode): TimeseriesBuilder {
  return timeseries(shape, tempoSource(shape))
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .showPoints(VisibilityMode.Never)
    .stacking(new StackingConfigBuilder().mode(mode).group("A"));
}

function tempoSource({ query }: Timeseries): Source {
  return { datasource: tempo, target: rangeTarget(query) };
}

function timeseries(shape: LinesOf, { datasource, target }: Source): TimeseriesBuilder {
  const { title, description, whenEmpty, unit, axis = "", series = [] } = shape;
  const panel = new TimeseriesBuilder()
    .title(title)
    .description(description)
    .noValue(whenEmpty)
    .datasource(datasource)
    .withTarget(target)
    .unit(unit)
    .min(0)
    .axisLabel(axis)
    .gradientMode(GraphGradientMode.None)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
  return nameSeries(panel, series);
}
