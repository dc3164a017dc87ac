import { ProvisioningError } from "../provisioning-error.ts";

/** The error for a request that got no answer. */
export function errorOfConnection(request: string, error: unknown): ProvisioningError {
  const code = codeOf(error);
  const base = { code: "grafana_unreachable" } as const;
  if (certificateFaults.has(code) || code.startsWith("ERR_TLS_") || code.startsWith("CERT_")) {
    return new ProvisioningError({
      ...base,
      seen: `Grafana's certificate cannot be trusted (${code}).`,
      action:
        "NODE_EXTRA_CA_CERTS=FILE names the certificate of an authority of your own. It is never skipped.",
    });
  }
  if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return new ProvisioningError({
      ...base,
      seen: "What is there does not speak TLS.",
      action: "Is it http:// instead of https://?",
    });
  }
  return new ProvisioningError({
    ...base,
    seen: `There was no answer to ${request} (${code}).`,
    action: "Is the address right, and can it be reached from here?",
    isTransient: !lasting.has(code),
  });
}

const certificateFaults = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Nobody listens there, there is no such name, or `fetch` took no such request: later it is the same. */
const lasting = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "ERR_INVALID_URL",
  "EHOSTUNREACH",
  "TypeError",
]);

/**
 * `fetch` hides what happened in the cause of its error. Its message is never taken: it repeats the token
 * or the password of a request that it refuses to make.
 */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if (at.name === "TimeoutError") {
      return "no answer in time";
    }
    if ("code" in at && typeof at.code === "string") {
      return at.code;
    }
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return error instanceof Error ? error.name : "unknown";
}
