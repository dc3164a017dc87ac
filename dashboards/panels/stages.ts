import { listChildren, type SpanDefinition, stageColour } from "#contract";
import type { DashboardContext } from "../context.ts";
import { groupBarGauge } from "../shapes/bar-gauge.ts";
import type { SeriesName } from "../shapes/series-names.ts";
import { lines, shareBars } from "../shapes/timeseries.ts";

const whenNone = "No stage";

/** The stages of a request that follow each other, without what is below them. */
function listStages({ contract, roots }: DashboardContext): readonly SpanDefinition[] {
  const children = new Set(roots.flatMap((root) => listChildren(contract, root)));
  return children.size === 0 ? roots : [...children];
}

/** Red is for what went wrong. */
const rootColours = ["green", "blue", "purple", "orange", "yellow"] as const;

/** The kinds of requests, each in a colour. */
export function rootSeries(roots: readonly SpanDefinition[]): SeriesName[] {
  return roots.map(({ name }, index) => ({
    value: name,
    colour: rootColours[index % rootColours.length] ?? "text",
  }));
}

/** Each stage in its colour. */
export function stageSeries(
  { contract }: DashboardContext,
  stages: readonly SpanDefinition[] = Object.values(contract.spans),
): SeriesName[] {
  return stages.map((stage) => ({ value: stage.name, colour: stageColour(contract, stage) }));
}

export function listIdentifiers(stages: readonly SpanDefinition[]): string[] {
  return stages.map(({ identifier }) => identifier);
}

export function stageTimeTimeseries(board: DashboardContext) {
  const { query } = board;
  const stages = listStages(board);
  return shareBars({
    title: "Where the time goes",
    description:
      "The part of each stage in the time of all stages. What takes most is where a change is worth it; a part that grows while the requests slow down is the cause.",
    whenEmpty: whenNone,
    query: query
      .spans(listIdentifiers(stages))
      .sumOverTime(query.span.duration)
      .by(query.span.name),
    unit: "s",
    series: stageSeries(board, stages),
  });
}

export function stageDurationTimeseries(board: DashboardContext) {
  const { query } = board;
  const stages = listStages(board);
  return lines({
    title: "Mean duration of the stages",
    description:
      "Of those that a request has. The line that rises with the duration of the requests is the stage to look at.",
    whenEmpty: whenNone,
    query: query
      .spans(listIdentifiers(stages))
      .avgOverTime(query.span.duration)
      .by(query.span.name),
    unit: "s",
    series: stageSeries(board, stages),
  });
}

export function ownStageBarGauge(board: DashboardContext) {
  const { oneTrace } = board;
  return groupBarGauge({
    title: "This trace",
    description:
      "The longest span of each name in this trace. Compare each bar with those at its right: a stage that is far longer than p95 is why this request was slow.",
    whenEmpty: "Choose a request above",
    query: oneTrace.anySpan().maxOverTime(oneTrace.span.duration).by(oneTrace.span.name),
    unit: "s",
    series: stageSeries(board),
  });
}

/** @param quantile From 0 to 1. */
export function peerStageBarGauge(board: DashboardContext, title: string, quantile: number) {
  const { query } = board;
  return groupBarGauge({
    title,
    description: `How long the stages of the requests of this time range took: ${Math.round(quantile * 100)} in 100 took no longer. Up to a factor of 2 off.`,
    whenEmpty: whenNone,
    query: query.anySpan().quantileOverTime(query.span.duration, quantile).by(query.span.name),
    unit: "s",
    series: stageSeries(board),
  });
}
