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
  usage_invalid: "An option or argument is invalid.",
  configuration_invalid: "A setting is invalid. Each is listed on its own line.",
  driver_unavailable: "No container engine with Compose responds.",
  containers_failed:
    "The containers could not be started or stopped. The engine's last lines are shown.",
  already_starting: "Another stack:up is running, or the stack is still stopping.",
  running_differently: "The stack already runs with other settings or without the server.",
  port_in_use: "Another process listens on a port of the stack.",
  model_unavailable: "The model could not be prepared, for a reason that has no code.",
  child_failed: "The store or the server did not become ready. Its last lines are shown.",
  supervisor_failed: "The supervisor process ended.",
  stop_failed: "A process of the stack could not be stopped.",
  interrupted: "Ctrl-C or a signal. Everything that was started is stopped.",
  not_running: "The stack is not running, or runs without the server.",
  nothing_logged: "The log is missing or has no request in it.",
  trace_not_logged: "The trace is not in the log.",
  server_unreachable: "The server does not respond.",
  request_refused: "The server refused the sample request.",
  not_traced: "The response has no X-Trace-Id, so there is no trace.",
  store_unreachable: "The trace store does not respond like a Tempo.",
  trace_not_found: "The store has no such trace.",
  query_refused: "The trace store refused a query. Its message is shown.",
  query_unknown: "There is no such saved query. The closest name is suggested.",
  index_unknown: "There is no such retrieval index.",
  index_failed: "A retrieval index could not be built.",
  generation_impossible:
    "Files cannot be generated from the contract. Each reason is listed on its own line.",
  grafana_unreachable: "Grafana does not respond, or its certificate is not trusted.",
  grafana_unsuitable:
    "The server is not a Grafana, is too old, or lacks something that the options name.",
  grafana_unauthorized: "Grafana, or a proxy in front of it, rejects the credentials.",
  grafana_forbidden: "The account lacks a permission. Grafana names it.",
  grafana_conflict: "An object of that name exists, or was changed in the meantime.",
  grafana_refused: "Grafana refused a request. Its message is shown.",
  grafana_failed: "Grafana was overloaded or failed, several times.",
  export_failed: "The export stopped early. The cause is shown.",
  tests_fail: "The tests fail on the unchanged code, so they cannot detect a mutant.",
  file_unreadable: "A file cannot be read or has the wrong content.",
  file_unwritable: "A file or folder cannot be written.",
  disk_full: "A disk is full. Make room.",
  too_many_files: "The system's limit of open files is reached.",
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
