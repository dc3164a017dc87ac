import {
  type CommandResult,
  measureTempo,
  measureTempoOverTime,
  StackError,
  type TempoSeries,
} from "../../stack/index.ts";
import { type Asked, hintLines, nothingFound, type Screen } from "./asked.ts";
import { metricsLines } from "./metrics-result.ts";
import { measuresDurations } from "./query-text.ts";

/** So many steps are seen at a glance. */
const stepsShown = 24;

/** Asks for numbers and shows them. The exit code is 1 when there are none. */
export async function runMeasurement(screen: Screen, asked: Asked): Promise<CommandResult> {
  const { tempoUrl, text, start, end } = asked;
  const stepSeconds = Math.max(1, Math.ceil((end - start) / stepsShown));
  const { series: whole, ...hinted } = await measureTempo(tempoUrl, { text, start, end });
  if (whole.length === 0) {
    screen.say(nothingFound(asked), ...hintLines(hinted));
    return { exitCode: 1, report: { series: whole, ...hinted } };
  }
  const { series: overTime, refusal } = await seriesOverTime(asked, stepSeconds);
  const areDurations = measuresDurations(text);
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
  { tempoUrl, text, start, end }: Asked,
  stepSeconds: number,
): Promise<{ series: readonly TempoSeries[]; refusal?: string }> {
  try {
    return await measureTempoOverTime(tempoUrl, { text, start, end, stepSeconds });
  } catch (error) {
    if (error instanceof StackError && error.code === "query_refused") {
      return { series: [], refusal: `not over time: ${error.seen}` };
    }
    throw error;
  }
}
