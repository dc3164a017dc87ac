import { ModelError } from "./model-error.ts";

/**
 * Where a model can come from: a file that the operator named, the cache, the Hugging Face hub, the
 * Python package that carries the default model, or our own generator.
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

/** Announces the start of a step and its end, which may be the error that is passed on. */
export async function announceStep(
  report: ModelReport,
  place: Pick<ModelStep, "step" | "source">,
  detail: string,
  action: () => Promise<StepEnd>,
): Promise<StepEnd> {
  report.onStep?.({ ...place, status: "started", detail });
  try {
    const end = await action();
    report.onStep?.({ ...place, ...end });
    return end;
  } catch (error) {
    const seen = error instanceof ModelError ? error.seen : "It was interrupted.";
    report.onStep?.({ ...place, status: "failed", detail: seen });
    throw error;
  }
}
