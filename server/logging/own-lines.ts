import type { LogEvent } from "#contract";
import type { FieldFault } from "./contract-line.ts";
import type { Log } from "./log.ts";

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
