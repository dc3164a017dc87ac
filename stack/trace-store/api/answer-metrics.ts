import type { Series } from "../traceql/index.ts";
import type { ApiLimits } from "./limits.ts";
import { Parameters, readMetricsRange, type TimeRange } from "./parameters.ts";
import type { ApiRequest } from "./request.ts";
import { runQuery } from "./run-query.ts";
import { seriesText, writeInstant } from "./tempo-json.ts";

const mostSteps = 10_000n;
const mostExemplars = 1_000;

export function answerMetricsRange(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const { engine, limits } = request.options;
    const parameters = new Parameters(request.search);
    const { text, range } = readMetrics(parameters, limits);
    const stepNs = readStepNs(parameters, range);
    const exemplars = parameters.countUpTo("exemplars", mostExemplars);
    parameters.finish();
    if (range.startNs === range.endNs) {
      return { json: () => seriesText([]) };
    }
    const series = await engine.metrics(text, { ...aligned(range, stepNs), exemplars }, signal);
    const hints = await engine.nameHints(text, { foundNothing: isNothing(series) }, signal);
    return { json: () => seriesText(series), hints };
  });
}

export function answerMetricsInstant(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const { engine, limits } = request.options;
    const parameters = new Parameters(request.search);
    const { text, range } = readMetrics(parameters, limits);
    parameters.finish();
    const { startNs, endNs } = range;
    if (startNs === endNs) {
      return { json: () => [JSON.stringify(writeInstant([]))] };
    }
    const options = { startNs, endNs, stepNs: endNs - startNs };
    const series = await engine.metrics(text, options, signal);
    const hints = await engine.nameHints(text, { foundNothing: isNothing(series) }, signal);
    return { json: () => [JSON.stringify(writeInstant(series))], hints };
  });
}

/** Where there is no span, some functions have a series of zeros. */
function isNothing(series: readonly Series[]): boolean {
  return series.every(({ samples }) => samples.every(({ value }) => value === 0));
}

function readMetrics(
  parameters: Parameters,
  limits: ApiLimits,
): { readonly text: string; readonly range: TimeRange } {
  const text = parameters.query("q") ?? parameters.query("query");
  if (text === null) {
    parameters.fault("invalid q: a metrics query is needed, such as { } | rate()");
  }
  return { text: text ?? "", range: readMetricsRange(parameters, limits.metricsRangeHours) };
}

function readStepNs(parameters: Parameters, { startNs, endNs }: TimeRange): bigint {
  const rangeNs = endNs - startNs;
  const stepNs = parameters.durationNs("step") ?? defaultStepNs(rangeNs);
  if (rangeNs > stepNs * mostSteps) {
    parameters.fault(`invalid step: it divides the range into more than ${mostSteps} steps`);
  }
  return stepNs;
}

/**
 * Whole steps, so that the same question a moment later has the same borders. The first sample
 * stands at the start and so is of the step before it, as in Tempo.
 */
function aligned({ startNs, endNs }: TimeRange, stepNs: bigint) {
  return {
    startNs: startNs - (startNs % stepNs) - stepNs,
    endNs: ((endNs + stepNs - 1n) / stepNs) * stepNs,
    stepNs,
  };
}

/** What a graph shows; more would only be drawn over each other. */
const stepsWanted = 240n;
const secondNs = 1_000_000_000n;
const shortestNs = 50_000_000n;
/** From here on a whole second is nearer than a fraction. */
const longestFractionNs = 250_000_000n;
const unitsNs = [300n, 60n, 15n, 5n, 1n].map((seconds) => seconds * secondNs);

/** The step of a range, as Tempo chooses it: a 240th, rounded down to what a clock shows. */
function defaultStepNs(rangeNs: bigint): bigint {
  const wantedNs = rangeNs / stepsWanted;
  if (wantedNs < longestFractionNs) {
    return wantedNs < shortestNs ? shortestNs : wantedNs - (wantedNs % shortestNs);
  }
  const unitNs = unitsNs.find((unit) => unit <= wantedNs);
  return unitNs === undefined ? secondNs : wantedNs - (wantedNs % unitNs);
}
