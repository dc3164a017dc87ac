import type { Contract } from "#contract";
import type { logEvents } from "#miniserve";

/** What a contract needs for its service to be traced by this folder: it says what went wrong. */
export type TracingContract = Contract & {
  readonly logEvents: Pick<
    typeof logEvents,
    | "stageInterrupted"
    | "stageFailed"
    | "exportOutageBegan"
    | "exportOutageEnded"
    | "spansLost"
    | "contractViolated"
    | "tracingMessage"
  >;
};
