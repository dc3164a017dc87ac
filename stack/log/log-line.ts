import { visibleText } from "#contract";
import { localClock, localDate } from "../command/command.ts";
import { StackError } from "../command/stack-error.ts";
import type { Style } from "../command/terminal.ts";
import { lastLines } from "./log-file.ts";

/** A line of the server's log, as far as every line has it. */
export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** Everything else, in the order of the line. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line of JSON; undefined for anything that is not a line of the server's log. */
export function parseLogLine(line: string): LogLine | undefined {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof document !== "object" || document === null) {
    return undefined;
  }
  const { time, level, event, trace_id, span_id, ...fields } = document as Record<string, unknown>;
  if (typeof time !== "string" || typeof level !== "string" || typeof event !== "string") {
    return undefined;
  }
  return { time, level, event, traceId: readText(trace_id), spanId: readText(span_id), fields };
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** In every line and of no interest to a person who reads one server's log on that machine. */
const dullFields = ["pid", "hostname"];

/**
 * A line for a person; one that is not of the server's form stays as it is. Without its trace where
 * all lines shown are of the same.
 */
export function formatLogLine(
  line: string,
  style: Style,
  { withTrace = true }: { readonly withTrace?: boolean } = {},
): string {
  const parsed = parseLogLine(line);
  if (parsed === undefined) {
    return visibleText(line);
  }
  const fields = Object.entries(parsed.fields)
    .filter(([key]) => !dullFields.includes(key))
    .map(
      ([key, value]) => `${style("dim", `${visibleText(key)}=`)}${visibleText(fieldText(value))}`,
    );
  const isShown = withTrace && parsed.traceId !== undefined;
  const trace = isShown ? [style("dim", `trace=${visibleText(parsed.traceId ?? "")}`)] : [];
  return [
    style("dim", visibleText(formatClock(parsed.time))),
    formatLevel(visibleText(parsed.level), style),
    style("bold", visibleText(parsed.event).padEnd(18)),
    ...fields,
    ...trace,
  ]
    .join(" ")
    .trimEnd();
}

function fieldText(value: unknown): string {
  if (typeof value === "number") {
    return String(Math.round(value * 1000) / 1000);
  }
  return typeof value === "string" && !/[\s"]/.test(value) ? value : JSON.stringify(value);
}

/** The time of day in the reader's own zone, with the day where that is not today. */
function formatClock(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) {
    return time;
  }
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  const day = localDate(date) === localDate(new Date()) ? "" : `${localDate(date)} `;
  return `${day}${localClock(date)}.${milliseconds}`;
}

function formatLevel(level: string, style: Style): string {
  const label = level.toUpperCase().padEnd(5);
  if (level === "error" || level === "fatal") {
    return style("red", label);
  }
  return level === "warn" ? style("yellow", label) : style("green", label);
}

/** The lines of a trace in the server's log; none when there is no log. */
export function readTraceLines(file: string, traceId: string): string[] {
  return linesIn(file).filter((line) => parseLogLine(line)?.traceId === traceId);
}

/** The trace of the last line that is of one. */
function newestTraceId(file: string): string | undefined {
  const last = linesIn(file).findLast((line) => parseLogLine(line)?.traceId !== undefined);
  return last === undefined ? undefined : parseLogLine(last)?.traceId;
}

function linesIn(file: string): string[] {
  try {
    return lastLines(file, Number.POSITIVE_INFINITY);
  } catch {
    return [];
  }
}

/**
 * The trace that a command means which was given none: that of the newest request in the server's log.
 * @throws StackError `nothing_logged`.
 */
export function newestRequest(logFile: string, command: string): string {
  const newest = newestTraceId(logFile);
  if (newest === undefined) {
    throw new StackError("nothing_logged", { file: logFile, command });
  }
  return newest;
}
