import type { Contract, logEvents } from "#contract";

/** What a contract needs for its service to be measured by this folder: it says what went wrong. */
export type MetricsContract = Contract & {
  readonly logEvents: Pick<
    typeof logEvents,
    "contractViolated" | "metricsRefused" | "metricsNotSent"
  >;
};
