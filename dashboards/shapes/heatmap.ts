import { HeatmapCellLayout, TooltipDisplayMode } from "@grafana/grafana-foundation-sdk/common";
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapTooltipBuilder,
  RowsHeatmapOptionsBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import type { PanelTexts } from "./panel-builder.ts";
import { rangeTarget, type TraceqlText, tempo } from "./target.ts";

interface Heatmap extends PanelTexts {
  readonly query: TraceqlText;
  readonly unit: string;
  readonly axis?: string;
}

/** How often which size came when. The store's buckets are powers of 2. */
export function bucketHeatmap(shape: Heatmap): HeatmapBuilder {
  const { title, description, whenEmpty, query, unit, axis = "" } = shape;
  return new HeatmapBuilder()
    .title(title)
    .description(description)
    .noValue(whenEmpty)
    .datasource(tempo)
    .withTarget(rangeTarget(query))
    .calculate(false)
    .unit("short")
    .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Auto))
    .yAxis(new YAxisConfigBuilder().unit(unit).axisLabel(axis))
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme("Blues")
        .fill("dark-blue")
        .exponent(0.5)
        .steps(64)
        .reverse(false),
    )
    .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(false));
}
