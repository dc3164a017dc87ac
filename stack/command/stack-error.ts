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

export type StackErrorCode =
  | "usage_invalid"
  | "configuration_invalid"
  | "driver_unavailable"
  | "already_starting"
  | "running_differently"
  | "port_in_use"
  | "model_unavailable"
  | "child_failed"
  | "supervisor_failed"
  | "stop_failed"
  | "interrupted"
  | "not_running"
  | "nothing_logged"
  | "server_unreachable"
  | "request_refused"
  | "not_traced"
  | "store_unreachable"
  | "trace_not_found"
  | "file_unreadable"
  | "file_unwritable";

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
