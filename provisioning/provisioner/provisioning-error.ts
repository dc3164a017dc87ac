/** What can go wrong on the way to a Grafana, by the codes that the command prints. */
export type ProvisioningErrorCode =
  | "grafana_unreachable"
  | "grafana_unsuitable"
  | "grafana_unauthorized"
  | "grafana_forbidden"
  | "grafana_conflict"
  | "grafana_refused"
  | "grafana_failed";

export interface ProvisioningErrorDescription {
  readonly code: ProvisioningErrorCode;
  /** What was seen, in a sentence, without the token. */
  readonly seen: string;
  /** What a person can do about it, in a sentence. */
  readonly action: string;
  /** The same request may go well a moment later. */
  readonly isTransient?: boolean;
  /** For how long Grafana asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Whether an error is of that code. */
export function hasCode(error: unknown, code: ProvisioningErrorCode): boolean {
  return error instanceof ProvisioningError && error.code === code;
}

/** An error that a person meets: what was seen, and what to do. */
export class ProvisioningError extends Error {
  override readonly name = "ProvisioningError";
  readonly code: ProvisioningErrorCode;
  readonly seen: string;
  readonly action: string;
  readonly isTransient: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(description: ProvisioningErrorDescription) {
    super(`${description.code}: ${description.seen}`);
    this.code = description.code;
    this.seen = description.seen;
    this.action = description.action;
    this.isTransient = description.isTransient ?? false;
    this.retryAfterMs = description.retryAfterMs;
  }
}
