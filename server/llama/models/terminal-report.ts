import { visibleText, withoutCredentials } from "#contract";
import type { ModelProgress, ModelStep } from "./model-report.ts";

/** A stream of text that may be a terminal, such as process.stderr. */
export interface ReportStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export interface TerminalReport {
  onStep(step: ModelStep): void;
  onProgress(progress: ModelProgress): void;
}

const barCharacters = 30;

/**
 * Shows the search for a model to a person: a line a step, and for a transfer one bar that is
 * rewritten in place on a terminal, or a line for every ten per cent elsewhere.
 */
export function terminalReport(stream: ReportStream): TerminalReport {
  let shownPercent: number | undefined;
  let barIsOpen = false;
  return {
    onStep({ source, status, detail }) {
      if (barIsOpen) stream.write("\n");
      barIsOpen = false;
      shownPercent = undefined;
      const told = withoutCredentials(visibleText(`${source}: ${detail}`));
      stream.write(`model: ${status.padEnd(7)} ${told}\n`);
    },
    onProgress(progress) {
      const percent = percentOf(progress);
      const shown = stream.isTTY ? percent : percent - (percent % 10);
      if (shown === shownPercent) return;
      shownPercent = shown;
      const line = `model: ${bar(percent)} ${String(percent).padStart(3)} % of ${megabytes(progress)}`;
      barIsOpen = stream.isTTY === true;
      stream.write(barIsOpen ? `\r${line}` : `${line}\n`);
    },
  };
}

const percentOf = ({ receivedBytes, totalBytes }: ModelProgress): number =>
  totalBytes === 0 ? 100 : Math.min(100, Math.floor((receivedBytes / totalBytes) * 100));

function bar(percent: number): string {
  const filled = Math.round((percent / 100) * barCharacters);
  return `[${"#".repeat(filled)}${".".repeat(barCharacters - filled)}]`;
}

const megabytes = ({ totalBytes }: ModelProgress): string => `${(totalBytes / 1e6).toFixed(1)} MB`;
