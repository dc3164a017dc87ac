import { basename, dirname } from "node:path";
import { ModelError } from "./model-error.ts";
import { type FileFingerprint, fileSize, requireFingerprint } from "./model-file.ts";
import { announceStep, type ModelOrigin, type ModelReport, type StepEnd } from "./model-report.ts";

/** A place that may have a model, and how it is fetched from there. */
export interface Source {
  readonly step: ModelOrigin;
  readonly source: string;
  readonly needsNetwork: boolean;
  readonly starting: string;
  readonly attempt: () => Promise<StepEnd>;
}

interface Answer {
  /** The source that had it, or undefined. */
  readonly source: ModelOrigin | undefined;
  /** Why the ones before did not, in sentences. */
  readonly reasons: string;
}

/**
 * Asks one source after the other; each failure is announced, none ends the search.
 *
 * @throws the signal's reason
 */
export async function askSources(
  sources: readonly Source[],
  offline: boolean,
  report: ModelReport,
): Promise<Answer> {
  const reasons: string[] = [];
  for (const { step, source, needsNetwork, starting, attempt } of sources) {
    const place = { step, source };
    if (offline && needsNetwork) {
      const detail = "Offline: the network is not asked.";
      report.onStep?.({ ...place, status: "skipped", detail });
      reasons.push(`${source}: not asked, offline.`);
      continue;
    }
    try {
      const { status, detail } = await announceStep(report, place, starting, attempt);
      if (status === "done") {
        return { source: step, reasons: reasons.join(" ") };
      }
      reasons.push(`${source}: ${detail}`);
    } catch (error) {
      if (!(error instanceof ModelError)) {
        throw error;
      }
      reasons.push(`${source}: ${error.message}`);
    }
  }
  return { source: undefined, reasons: reasons.join(" ") };
}

/** The file itself, when it is there already. */
export function cacheSource(
  path: string,
  expected: FileFingerprint,
  { signal }: ModelReport,
): Source {
  return {
    step: "cache",
    source: dirname(path),
    needsNetwork: false,
    starting: `Looking for ${basename(path)}.`,
    async attempt() {
      if ((await fileSize(path)) === undefined) {
        return { status: "skipped", detail: "Not there." };
      }
      await requireFingerprint(path, expected, signal);
      return { status: "done", detail: describeVerified(expected) };
    },
  };
}

/** What a step says of a file whose checksum is right. */
export function describeVerified({ sizeBytes, sha256 }: FileFingerprint): string {
  return `${sizeBytes} bytes, sha256 ${sha256} verified.`;
}
