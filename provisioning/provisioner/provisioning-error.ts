import { defineErrors, type Particular, varied } from "#errors";

/** What was seen is a sentence without the token. */
interface Met extends Particular {
  /** The same request may go well a moment later. */
  readonly isTransient?: boolean;
  /** For how long Grafana asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Grafana's and a proxy's own words are part of most: what all with a code mean stands here. */
function met(what: string, action: string) {
  const { message, hint } = varied(what, action);
  return { exit: 2, message: (values: Met) => message(values), hint } as const;
}

/** What can go wrong on the way to a Grafana. */
export class ProvisioningError extends defineErrors("ProvisioningError", {
  grafana_unreachable: met(
    "Grafana does not respond, or its certificate is not trusted.",
    "Check that the address is right and can be reached from here.",
  ),
  grafana_unsuitable: met(
    "The server is not a Grafana, is too old, or lacks something that the options name.",
    "Check the address and its path. docs/provisioning.md names the versions.",
  ),
  grafana_unauthorized: met(
    "Grafana, or a proxy in front of it, rejects the credentials.",
    "The token is wrong, expired or of another Grafana. Make a new one, and set the variable.",
  ),
  grafana_forbidden: met(
    "The account lacks a permission. Grafana names it.",
    "It needs the role Editor for the folder, dashboards and rules, and Admin for datasources; --tempo-uid uses one that is there.",
  ),
  grafana_conflict: met(
    "An object of that name exists, or was changed in the meantime.",
    "Run it again: the plan shows what differs.",
  ),
  grafana_refused: met(
    "Grafana refused a request. Its message is shown.",
    "Its words say why; nothing was changed by that request.",
  ),
  grafana_failed: met(
    "Grafana was overloaded or failed, several times.",
    "Try again later; what was done already stays.",
  ),
}) {}

export type ProvisioningErrorCode = ProvisioningError["code"];

/** Whether an error is of that code. */
export function hasCode(error: unknown, code: ProvisioningErrorCode): boolean {
  return error instanceof ProvisioningError && error.code === code;
}
