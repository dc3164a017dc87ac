import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeValueMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from "@grafana/grafana-foundation-sdk/common";
import type { PanelTexts } from "./panel-builder.ts";
import { nameSeries, type SeriesName } from "./series-names.ts";
import { instantTarget, type TraceqlText, tempo } from "./target.ts";

interface BarGauge extends PanelTexts {
  readonly query: TraceqlText;
  readonly unit: string;
  readonly series: readonly SeriesName[];
}

/** A bar for each group that the query tells apart, for the whole time range. */
export function groupBarGauge(shape: BarGauge): BarGaugeBuilder {
  const { title, description, whenEmpty, query, unit, series } = shape;
  const panel = new BarGaugeBuilder()
    .title(title)
    .description(description)
    .noValue(whenEmpty)
    .datasource(tempo)
    .withTarget(instantTarget(query))
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(["lastNotNull"]).fields(""))
    .unit(unit)
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Text)
    .namePlacement(BarGaugeNamePlacement.Left)
    .showUnfilled(true);
  return nameSeries(panel, series);
}
