import type { SpanDefinition } from "#contract";

/** For tests: a span that a request may leave behind, before it has its times and its id. */
export interface PlannedSpan {
  readonly definition: SpanDefinition;
  readonly status: "unset" | "error";
  /** Whether it threw itself, rather than a stage below it. */
  readonly threw: boolean;
  /** By identifier. */
  readonly values: Map<string, unknown>;
  readonly stages: readonly PlannedSpan[];
  readonly samples: readonly PlannedSpan[];
}
