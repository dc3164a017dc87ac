import type { Contract, defineLogEvents, telemetryEvents, telemetryFields } from "#contract";

type TelemetryEvents = ReturnType<
  typeof defineLogEvents<typeof telemetryFields, typeof telemetryEvents>
>;

/** What a contract needs for its service to be traced by this folder: it says what went wrong. */
export type TracingContract = Contract & {
  readonly logEvents: Pick<
    TelemetryEvents,
    | "stageInterrupted"
    | "stageFailed"
    | "exportOutageBegan"
    | "exportOutageEnded"
    | "spansLost"
    | "contractViolated"
    | "tracingMessage"
  >;
};
