import { type LogEvent, validateValue } from "#contract";
import type { Log } from "./log.ts";

/** A field of a line that its event does not take. `key` is undefined for one it does not have. */
export interface FieldFault {
  readonly event: LogEvent;
  readonly key: string | undefined;
  readonly fault: string;
}

/**
 * What a line of this event says, each field under its wire name. Unknown fields and wrong values
 * are left out and reported; the types forbid them, but not everything that runs was compiled.
 */
export function contractLine(
  event: LogEvent,
  fields: object,
  report: (fault: FieldFault) => void,
): Record<string, unknown> {
  const line: Record<string, unknown> = { event: event.name };
  for (const identifier of Object.keys(fields ?? {})) {
    const field = Object.hasOwn(event.fields, identifier) ? event.fields[identifier] : undefined;
    if (field === undefined) {
      report({ event, key: undefined, fault: "not a field of it" });
      continue;
    }
    const value = readField(fields, identifier);
    if (value === undefined && !event.required.includes(identifier)) {
      continue;
    }
    const fault = validateValue(field, value);
    if (fault === undefined) {
      line[field.key] = value;
    } else {
      report({ event, key: field.key, fault });
    }
  }
  return line;
}

function readField(fields: object, identifier: string): unknown {
  try {
    return (fields as Record<string, unknown>)[identifier];
  } catch {
    // A getter threw; null is no value of any field.
    return null;
  }
}

/** What logging says of itself and of libraries. A contract declares these among its log events. */
export interface LoggingEvents {
  readonly libraryMessage: LogEvent<{
    readonly fields: {
      readonly library: string;
      readonly exceptionType?: string;
      readonly exceptionCode?: string;
      readonly stackFrames?: string;
    };
  }>;
  readonly logOutputFailed: LogEvent<{
    readonly fields: { readonly reason: string; readonly action: string };
  }>;
  readonly logOutputRecovered: LogEvent<{
    readonly fields: { readonly reason: string; readonly linesDropped: number };
  }>;
  readonly contractViolated: LogEvent<{ readonly fields: { readonly reason: string } }>;
}

export type OutputName = "file" | "stdout";

export interface OwnLines {
  readonly outputFailed: (output: OutputName, code: string) => void;
  readonly outputRecovered: (output: OutputName, linesDropped: number) => void;
  readonly rotationFailed: (code: string) => void;
  /** Says so once for each event and field: a defect on the path of every request says it once. */
  readonly fieldDropped: (fault: FieldFault) => void;
}

const outputs = {
  file: {
    subject: "The log file",
    action: "Make room on its disk and let the server write in its folder, or name another file.",
  },
  stdout: {
    subject: "Standard output",
    action: "Read what the server writes there, or send it to a file.",
  },
} as const;

const maxFaultsSaid = 100;
const maxReasonCharacters = 500;

export function ownLines(events: LoggingEvents, log: Log): OwnLines {
  const faultsSaid = new Set<string>();
  return {
    outputFailed: (output, code) => {
      const { subject, action } = outputs[output];
      log(events.logOutputFailed, {
        reason: `${subject} does not take lines (${code}). They are dropped and counted.`,
        action,
      });
    },
    outputRecovered: (output, linesDropped) => {
      log(events.logOutputRecovered, {
        reason: `${outputs[output].subject} takes lines again.`,
        linesDropped,
      });
    },
    rotationFailed: (code) => {
      log(events.logOutputFailed, {
        reason: `The log file cannot be put aside (${code}). It grows beyond its limit.`,
        action: "Let the server rename and create files in the folder of its log.",
      });
    },
    fieldDropped: ({ event, key, fault }) => {
      const name = `${event.name} ${key ?? ""}`;
      if (faultsSaid.has(name) || faultsSaid.size >= maxFaultsSaid) {
        return;
      }
      faultsSaid.add(name);
      const reason = `${event.name} was logged with ${key ?? "something"} that is ${fault}`;
      log(events.contractViolated, { reason: reason.slice(0, maxReasonCharacters) });
    },
  };
}
