import { plain } from "../command/terminal.ts";
import { lastLines } from "./log-file.ts";
import { formatLogLine } from "./log-line.ts";

/** The last lines that a process wrote, for a person; none when it wrote nothing. */
export function lastOutput(file: string, count: number): string[] {
  try {
    return lastLines(file, count).map((line) => formatLogLine(line, plain));
  } catch {
    return [];
  }
}
