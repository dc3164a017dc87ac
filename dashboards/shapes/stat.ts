import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { type Link, linkBuilder } from "./link.ts";
import type { PanelTexts } from "./panel-builder.ts";
import { maximumSeries, meanSeries, nameSeries } from "./series-names.ts";
import { formatRefId, instantTarget, type TraceqlText, tempo } from "./target.ts";
import { absoluteSteps, type Step } from "./thresholds.ts";

interface Stat extends PanelTexts {
  readonly query: TraceqlText;
  readonly unit: string;
  readonly steps?: readonly Step[];
  readonly links?: readonly Link[];
}

/**
 * How many in the whole time range, of all groups that the query counts. The store gives a frame for each
 * group: they are made one column, which is added up.
 */
export function countStat(shape: Omit<Stat, "unit">): StatBuilder {
  return stat({ ...shape, unit: "locale" }, [shape.query])
    .decimals(0)
    .withTransformation({ id: "reduce", options: { reducers: ["lastNotNull"] } })
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(["sum"]).fields(""))
    .textMode(BigValueTextMode.Value);
}

interface SpreadStat extends Omit<Stat, "query"> {
  /** The mean and the largest, both exact. */
  readonly queries: readonly TraceqlText[];
}

/** Beside each other what is usual and the most, each with its name. */
export function spreadStat(shape: SpreadStat): StatBuilder {
  const panel = stat(shape, shape.queries)
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(["lastNotNull"]).fields(""))
    .orientation(VizOrientation.Vertical)
    .textMode(BigValueTextMode.ValueAndName);
  const names = [meanSeries, maximumSeries];
  return nameSeries(
    panel,
    names.map(({ value, name = value }) => ({ value, name })),
  );
}

function stat(shape: Omit<Stat, "query">, queries: readonly TraceqlText[]): StatBuilder {
  const { title, description, whenEmpty, unit, steps = [], links = [] } = shape;
  return new StatBuilder()
    .title(title)
    .description(description)
    .noValue(whenEmpty)
    .datasource(tempo)
    .targets(queries.map((query, index) => instantTarget(query).refId(formatRefId(index))))
    .unit(unit)
    .thresholds(absoluteSteps(steps))
    .dataLinks(links.map(linkBuilder))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None);
}
