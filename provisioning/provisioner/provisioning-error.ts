import { defineErrors, toldHint } from "#errors";

interface Met {
  /** What was seen, in a sentence, without the token. */
  readonly message: string;
  /** The same request may go well a moment later. */
  readonly isTransient?: boolean;
  /** For how long Grafana asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Grafana's and a proxy's own words are part of most: what all with a code mean stands here. */
function met(means: string) {
  return { means, exit: 2, message: ({ message }: Met) => message, hint: toldHint } as const;
}

/** What can go wrong on the way to a Grafana. */
export class ProvisioningError extends defineErrors("ProvisioningError", {
  grafana_unreachable: met("Grafana does not respond, or its certificate is not trusted."),
  grafana_unsuitable: met(
    "The server is not a Grafana, is too old, or lacks something that the options name.",
  ),
  grafana_unauthorized: met("Grafana, or a proxy in front of it, rejects the credentials."),
  grafana_forbidden: met("The account lacks a permission. Grafana names it."),
  grafana_conflict: met("An object of that name exists, or was changed in the meantime."),
  grafana_refused: met("Grafana refused a request. Its message is shown."),
  grafana_failed: met("Grafana was overloaded or failed, several times."),
}) {}

export type ProvisioningErrorCode = ProvisioningError["code"];

/** Whether an error is of that code. */
export function hasCode(error: unknown, code: ProvisioningErrorCode): boolean {
  return error instanceof ProvisioningError && error.code === code;
}
