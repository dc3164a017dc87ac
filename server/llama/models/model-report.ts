import { visibleText, withoutCredentials } from "#contract";
import { ModelError } from "./model-error.ts";

/**
 * Where a model can come from: a file that the operator named, the cache, the Hugging Face hub, the
 * Python package that carries a default model, or our own generator.
 */
export type ModelOrigin = "file" | "cache" | "hub" | "package" | "generated";

/** One thing that happened while a model was looked for. */
export interface ModelStep {
  readonly step: ModelOrigin;
  /** The place that is asked, in words or as an address. */
  readonly source: string;
  readonly status: "started" | "skipped" | "failed" | "done";
  /** What is being done, what was found, or why not. */
  readonly detail: string;
}

export interface ModelProgress {
  readonly step: ModelOrigin;
  readonly source: string;
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** What a caller may hand in to follow the search; `signal` ends it with the signal's reason. */
export interface ModelReport {
  readonly onStep?: ((step: ModelStep) => void) | undefined;
  readonly onProgress?: ((progress: ModelProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a step that did not fail ended: with the model, or without one but as may be expected. */
export type StepEnd = Pick<ModelStep, "detail"> & { readonly status: "done" | "skipped" };

/**
 * Announces the start of a step and its end, which may be the error that is passed on.
 *
 * @returns what the action returns, which may hold more than is announced
 */
export async function announceStep<End extends StepEnd>(
  report: ModelReport,
  place: Pick<ModelStep, "step" | "source">,
  detail: string,
  action: () => Promise<End>,
): Promise<End> {
  report.onStep?.({ ...place, status: "started", detail });
  try {
    const end = await action();
    report.onStep?.({ ...place, status: end.status, detail: end.detail });
    return end;
  } catch (error) {
    const seen = error instanceof ModelError ? error.message : "It was interrupted.";
    report.onStep?.({ ...place, status: "failed", detail: seen });
    throw error;
  }
}

/** A stream of text that may be a terminal, such as process.stderr. */
interface ReportStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

interface TerminalReport {
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
      if (barIsOpen) {
        stream.write("\n");
      }
      barIsOpen = false;
      shownPercent = undefined;
      const told = withoutCredentials(visibleText(`${source}: ${detail}`));
      stream.write(`model: ${status.padEnd(7)} ${told}\n`);
    },
    onProgress(progress) {
      const percent = computePercent(progress);
      const shown = stream.isTTY ? percent : percent - (percent % 10);
      if (shown === shownPercent) {
        return;
      }
      shownPercent = shown;
      const line = `model: ${bar(percent)} ${String(percent).padStart(3)} % of ${megabytes(progress)}`;
      barIsOpen = stream.isTTY === true;
      stream.write(barIsOpen ? `\r${line}` : `${line}\n`);
    },
  };
}

const computePercent = ({ receivedBytes, totalBytes }: ModelProgress): number =>
  totalBytes === 0 ? 100 : Math.min(100, Math.floor((receivedBytes / totalBytes) * 100));

function bar(percent: number): string {
  const filled = Math.round((percent / 100) * barCharacters);
  return `[${"#".repeat(filled)}${".".repeat(barCharacters - filled)}]`;
}

const megabytes = ({ totalBytes }: ModelProgress): string => `${(totalBytes / 1e6).toFixed(1)} MB`;

/** A model file that is on this machine, whole and checked. */
export interface ResolvedModel {
  readonly path: string;
  /** The public name, `[A-Za-z0-9._-]` only. */
  readonly name: string;
  readonly source: ModelOrigin;
  /** Whether a generated model stands in for the real one: of random words, or of words only. */
  readonly degraded: boolean;
  /** Why, as a sentence; there exactly when `degraded`. */
  readonly degradedReason?: string | undefined;
  readonly sizeBytes: number;
  /** Where it was checked or is known, in lower-case hexadecimal. */
  readonly sha256?: string | undefined;
}
