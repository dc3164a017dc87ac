import { systemErrorCode } from "./model-error.ts";

const explanations: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known here",
  EAI_AGAIN: "its name cannot be looked up",
  ECONNREFUSED: "it refuses the connection",
  ECONNRESET: "the connection was cut",
  ETIMEDOUT: "the connection timed out",
  ENETUNREACH: "there is no network",
  EHOSTUNREACH: "there is no way to it",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
};

/** Why a request failed, in words where we have them, always with the system's code if there is one. */
export function networkReason(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === undefined) return "the connection was lost";
  const explanation = explanations[code];
  return explanation === undefined ? code : `${explanation} (${code})`;
}
