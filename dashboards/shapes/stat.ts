import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { ThresholdsConfigBuilder, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { type Link, linkBuilder } from "./link.ts";
import type { PanelTexts } from "./panel-builder.ts";
import { instantTarget, type Printed, tempo } from "./target.ts";

/** From which value on a number has which colour. */
export interface Step {
  readonly from: number;
  readonly colour: string;
}

interface Stat extends PanelTexts {
  readonly query: Printed;
  readonly unit: string;
  /** Below the first step, what is coloured is `green`, or `text` without any. */
  readonly steps?: readonly Step[];
  readonly links?: readonly Link[];
}

/** How many in the whole time range, of all groups that the query counts. */
export function countStat(shape: Omit<Stat, "unit">): StatBuilder {
  return stat({ ...shape, unit: "locale" }, "sum").decimals(0);
}

/** The one number that the query gives for the whole time range. */
export function numberStat(shape: Stat): StatBuilder {
  return stat(shape, "lastNotNull");
}

/** The store gives a frame for each series: they are made one column, of which one number is made. */
function stat(shape: Stat, calculation: "sum" | "lastNotNull"): StatBuilder {
  const { title, description, whenEmpty, query, unit, steps = [], links = [] } = shape;
  const lowest = { value: null, color: steps.length > 0 ? "green" : "text" };
  return new StatBuilder()
    .title(title)
    .description(description)
    .noValue(whenEmpty)
    .datasource(tempo)
    .withTarget(instantTarget(query))
    .withTransformation({ id: "reduce", options: { reducers: ["lastNotNull"] } })
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs([calculation]).fields(""))
    .unit(unit)
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps([lowest, ...steps.map(({ from, colour }) => ({ value: from, color: colour }))]),
    )
    .dataLinks(links.map(linkBuilder))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.Value);
}
