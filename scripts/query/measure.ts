import { shortText } from "#contract";
import { isDurationField, parseMetricsStage } from "#traceql";
import {
  type CommandResult,
  measureTempo,
  measureTempoOverTime,
  StackError,
  type TempoAttribute,
  type TempoSeries,
} from "../../stack/index.ts";
import { hintLines, nothingFound, type QueryRequest, type Screen } from "./arguments.ts";
import { type Column, drawTable, isNumber, numberText, secondsText, valueText } from "./table.ts";

/** So many steps are seen at a glance. */
const stepsShown = 24;

/** Asks for numbers and shows them. The exit code is 1 when there are none. */
export async function runMeasurement(screen: Screen, asked: QueryRequest): Promise<CommandResult> {
  const { tempoUrl, text, start, end } = asked;
  const stepSeconds = Math.max(1, Math.ceil((end - start) / stepsShown));
  const { series: whole, ...hinted } = await measureTempo(tempoUrl, { text, start, end });
  if (whole.length === 0) {
    screen.say(nothingFound(asked), ...hintLines(hinted));
    return { exitCode: 0, report: { series: whole, ...hinted } };
  }
  const { series: overTime, refusal } = await seriesOverTime(asked, stepSeconds);
  const field = parseMetricsStage(text)?.of ?? undefined;
  const areDurations = field !== undefined && isDurationField(field);
  screen.say(
    ...metricsLines({ whole, overTime, stepSeconds, areDurations }, screen.columns),
    "",
    `${whole.length === 1 ? "1 series" : `${whole.length} series`}; ${refusal ?? `over time in steps of ${stepSeconds} s`}.`,
    ...hintLines(hinted),
  );
  return { exitCode: 0, report: { series: whole, overTime, stepSeconds, ...hinted } };
}

/** A store may refuse a range that it answers as a whole; then there is only the whole. */
async function seriesOverTime(
  { tempoUrl, text, start, end }: QueryRequest,
  stepSeconds: number,
): Promise<{ series: readonly TempoSeries[]; refusal?: string }> {
  try {
    return await measureTempoOverTime(tempoUrl, { text, start, end, stepSeconds });
  } catch (error) {
    if (error instanceof StackError && error.code === "query_refused") {
      return { series: [], refusal: `not over time: ${error.message}` };
    }
    throw error;
  }
}

interface Measured {
  /** One value for each. */
  readonly whole: readonly TempoSeries[];
  /** With samples, a step apart. */
  readonly overTime: readonly TempoSeries[];
  readonly stepSeconds: number;
  /** Whether the numbers are durations, in seconds. */
  readonly areDurations: boolean;
}

/** A row for each series: its labels, its value over the whole time, and how it went over time. */
export function metricsLines(measured: Measured, columns: number): string[] {
  const { whole, overTime, stepSeconds, areDurations } = measured;
  const text = areDurations ? secondsText : numberText;
  const values = whole.map(({ value = 0 }) => text(Number(value)));
  const byLabels = new Map(overTime.map((series) => [labelKey(series), series]));
  const grid = listTimes(overTime, stepSeconds * 1000);
  const courses = whole.map((series) => createCourse(byLabels.get(labelKey(series)), grid));
  const extreme = (choose: (...numbers: number[]) => number) =>
    courses.map((course) => {
      const known = course.filter((value) => value !== undefined);
      return known.length === 0 ? "" : text(choose(...known));
    });
  const parts: Column[] = [
    ...labelColumns(whole, areDurations),
    number("value", values),
    number("least", extreme(Math.min)),
    number("most", extreme(Math.max)),
    { heading: "over time", cells: courses.map(drawCourse) },
  ];
  return (
    drawTable(parts, columns) ??
    drawTable(parts.slice(0, -3), columns) ??
    drawTable(parts.slice(0, -3), Number.POSITIVE_INFINITY) ??
    []
  );
}

function number(heading: string, cells: readonly string[]): Column {
  return { heading, cells, align: "right" };
}

function labelColumns(series: readonly TempoSeries[], areDurations: boolean): Column[] {
  const keys = [...new Set(series.flatMap(({ labels = [] }) => labels.map(({ key }) => key)))];
  return keys
    .filter((key) => key !== "__name__")
    .map((key) => {
      const labels = series.map((one) => one.labels?.find((label) => label.key === key));
      const isNumeric = labels.every((label) => label === undefined || isNumber(label.value));
      return {
        heading: key === "__bucket" ? "up to" : shortText(key),
        cells: labels.map((label) => labelText(label, areDurations && key === "__bucket")),
        align: isNumeric ? "right" : "left",
        mayBeCut: !isNumeric,
      };
    });
}

function labelText(label: TempoAttribute | undefined, isDuration: boolean): string {
  const { doubleValue } = label?.value ?? {};
  return isDuration && doubleValue !== undefined
    ? secondsText(Number(doubleValue))
    : valueText(label?.value);
}

/** What tells series apart. The order of labels does not. */
function labelKey({ labels = [] }: TempoSeries): string {
  return labels
    .map(({ key, value }) => JSON.stringify([key, valueText(value)]))
    .sort()
    .join();
}

/** Every step from the first sample of any series to the last, in milliseconds. */
function listTimes(series: readonly TempoSeries[], stepMs: number): number[] {
  const times = series.flatMap(({ samples = [] }) =>
    samples.map(({ timestampMs }) => Number(timestampMs)),
  );
  const first = times.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const last = times.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  const steps = times.length === 0 ? 0 : Math.round((last - first) / stepMs) + 1;
  return Array.from({ length: steps }, (_, step) => first + step * stepMs);
}

function createCourse(
  series: TempoSeries | undefined,
  grid: readonly number[],
): (number | undefined)[] {
  const samples = new Map(
    series?.samples?.map(({ timestampMs, value = 0 }) => [Number(timestampMs), Number(value)]),
  );
  return grid.map((time) => samples.get(time));
}

const bars = "▁▂▃▄▅▆▇█";

/** From zero, or the least below it, to the most; a step without a value is empty. */
function drawCourse(course: readonly (number | undefined)[]): string {
  const known = course.flatMap((value) => (Number.isFinite(value) ? [value as number] : []));
  const least = Math.min(0, ...known);
  const most = Math.max(0, ...known);
  return course
    .map((value) => {
      if (value === undefined || !Number.isFinite(value)) {
        return " ";
      }
      const share = most === least ? 0 : (value - least) / (most - least);
      return bars[Math.round(share * (bars.length - 1))];
    })
    .join("")
    .trimEnd();
}
