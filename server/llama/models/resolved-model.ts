import type { ModelOrigin } from "./model-report.ts";

/** A model file that is on this machine, whole and checked. */
export interface ResolvedModel {
  readonly path: string;
  /** The public name, `[A-Za-z0-9._-]` only. */
  readonly name: string;
  readonly source: ModelOrigin;
  /** Whether the generated model stands in for the real one; it answers with random words. */
  readonly degraded: boolean;
  /** Why, as a sentence; there exactly when `degraded`. */
  readonly degradedReason?: string | undefined;
  readonly sizeBytes: number;
  /** Where it was checked or is known, in lower-case hexadecimal. */
  readonly sha256?: string | undefined;
}
