export interface StackErrorDescription {
  /** A stable name for the kind of error. */
  readonly code: StackErrorCode;
  /** What was seen, in a sentence. */
  readonly seen: string;
  /** What a person can do about it, in a sentence. */
  readonly action?: string;
  /** More lines: each fault of several, or the last words of a process. */
  readonly details?: readonly string[];
  /** 1: what was asked went wrong. 2: it could not be tried. Over 128: a signal ended it. */
  readonly exitCode: number;
}

/** Every code with what it means, as docs/stack.md lists them. */
export const stackErrors = {
  usage_invalid: "An option or an argument cannot be used.",
  configuration_invalid: "A setting cannot be used. There is a line for each.",
  driver_unavailable: "No container engine with Compose answers.",
  containers_failed:
    "The containers could not be started or stopped. The engine's last lines are shown.",
  already_starting: "Another stack:up is at work, or the stack is just ending.",
  running_differently: "The stack runs already, with other settings or without the server.",
  port_in_use: "Another process listens on a port of the stack.",
  model_unavailable: "The model could not be prepared, for a reason without a code.",
  child_failed: "The store or the server did not become ready. Its last lines are shown.",
  supervisor_failed: "The process that keeps the others running ended.",
  stop_failed: "A process of the stack could not be stopped.",
  interrupted: "Ctrl-C or a signal. What was started is stopped again.",
  not_running: "The stack does not run, or runs without the server.",
  nothing_logged: "The log is not there, or has no line of a request.",
  trace_not_logged: "The log has no line of the trace.",
  server_unreachable: "The server does not answer.",
  request_refused: "The server refused the sample request.",
  not_traced: "The answer has no X-Trace-Id, so there is no trace.",
  store_unreachable: "The trace store does not answer as Tempo does.",
  trace_not_found: "The store has no such trace.",
  query_refused: "The trace store refused a query. Its words are shown.",
  query_unknown: "There is no such saved query. The nearest is named.",
  index_unknown: "There is no such retrieval index.",
  index_failed: "A retrieval index could not be made.",
  generation_impossible:
    "Files cannot be generated from the contract. There is a line for each reason.",
  grafana_unreachable: "Grafana does not answer, or its certificate is not trusted.",
  grafana_unsuitable: "It is no Grafana, too old, or has not what was asked to be used.",
  grafana_unauthorized: "Grafana, or what is before it, does not take who asks.",
  grafana_forbidden: "The account may not do that. Grafana names the permission.",
  grafana_conflict: "Something of that name is there, or was changed meanwhile.",
  grafana_refused: "Grafana refused a request. Its words are shown.",
  grafana_failed: "Grafana had too much to do or failed, several times.",
  export_failed: "Writing what the store holds broke off. What was seen is said.",
  tests_fail: "The tests fail without any fault made in the code, so they cannot notice one.",
  file_unreadable: "A file cannot be read, or is not what it should be.",
  file_unwritable: "A file or folder cannot be written.",
  disk_full: "A disk that is written to is full. Make room.",
  too_many_files: "The system lets this user open no more files.",
} as const;

/** A model that cannot be had is reported with the server's own code for it. */
export type StackErrorCode = keyof typeof stackErrors | `model_${string}`;

/** An error that a person meets: what was seen, and what to do. */
export class StackError extends Error {
  override readonly name = "StackError";
  readonly code: StackErrorCode;
  readonly seen: string;
  readonly action: string | undefined;
  readonly details: readonly string[];
  readonly exitCode: number;

  constructor(description: StackErrorDescription) {
    super(`${description.code}: ${description.seen}`);
    this.code = description.code;
    this.seen = description.seen;
    this.action = description.action;
    this.details = description.details ?? [];
    this.exitCode = description.exitCode;
  }
}

/** All of it in one line, for the log of a process. */
export function sentenceOfError({ seen, details, action, code }: StackError): string {
  return [seen, ...details, ...(action === undefined ? [] : [action]), `[${code}]`].join(" ");
}
