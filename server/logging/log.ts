import type { LogEvent, LogFields } from "#contract";

/** Writes one line of the contract: the event and its fields, by identifier. It never throws. */
export type Log = <Event extends LogEvent>(event: Event, fields: LogFields<Event>) => void;
