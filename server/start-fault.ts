import { EngineError } from "./llama/engine/index.ts";
import { ModelError } from "./llama/models/index.ts";
import { modelErrors } from "./llama/models/model-error.ts";
import { TracingError } from "./tracing/index.ts";

/**
 * Everything that ends the server or keeps it from starting, by its stable code. `docs/errors.md` lists the same;
 * a test compares the two.
 */
export const startFaults = {
  configuration_invalid: "A setting is invalid. Each is listed on its own line.",
  otlp_exporter_invalid: "The OTEL_EXPORTER_OTLP_* variables are invalid.",
  ...modelErrors,
  backend_unavailable: "No build of llama.cpp for the value of MINISERVE_GPU works here.",
  model_unloadable: "llama.cpp cannot load the model's file.",
  chat_template_endless: "The model's chat template does not finish, or uses too much memory.",
  context_uncreatable: "There is not enough memory for this number of slots and tokens.",
  eaddrinuse: "Another process listens on the port.",
  eaddrnotavail: "The address does not belong to this machine.",
  enotfound: "The host name is unknown.",
  eacces: "This user may not use the port.",
  stop_unfinished:
    "The model was still working on a request when the time to stop ran out, so that request's trace is incomplete.",
  internal_error: "An unexpected error.",
} as const;

type StartFault = keyof typeof startFaults;

/** What an operator is told: the code, what was seen, and what to do. */
export interface Fault {
  readonly errorType: StartFault;
  readonly reason: string;
  readonly action: string;
}

const otherHost = "Set MINISERVE_HOST to an address of this machine.";

/** What can be done where the error itself does not say it. */
const actions: Partial<Record<StartFault, string>> = {
  otlp_exporter_invalid: "Write the endpoint as http://host:4317.",
  backend_unavailable: "Run npm run gpu:install -- cuda (or vulkan), or set MINISERVE_GPU to off.",
  model_unloadable:
    "Check that it is a complete GGUF file of a text model, and that it fits into memory.",
  chat_template_endless:
    "Correct the template in the model's file, or set MINISERVE_MODEL to another model.",
  context_uncreatable: "Lower MINISERVE_SLOTS or MINISERVE_SLOT_TOKENS.",
  eaddrinuse: "Stop it, or set MINISERVE_PORT to another port.",
  eaddrnotavail: otherHost,
  enotfound: otherHost,
  eacces: "Set MINISERVE_PORT to 1024 or more.",
  stop_unfinished: "Lower MINISERVE_PREFILL_CHUNK_TOKENS, or raise MINISERVE_SHUTDOWN_LIMIT_MS.",
};

/** What cannot be interrupted did not end in time. */
export class UnfinishedStopError extends Error {
  override readonly name = "UnfinishedStopError";
  readonly code = "stop_unfinished";
}

/** The longest that a log line takes. */
const maxCharacters = 500;

/** Of messages only our own errors' are repeated: others may hold what a user typed. */
export function toFault(error: unknown): Fault {
  if (error instanceof ModelError) {
    const reason = error.seen.slice(0, maxCharacters);
    return { errorType: error.code, reason, action: error.remedy.slice(0, maxCharacters) };
  }
  const errorType = codeOf(error);
  return {
    errorType,
    reason: startFaults[errorType],
    action: actions[errorType] ?? "Please report it with this line.",
  };
}

function codeOf(error: unknown): StartFault {
  const isOurs =
    error instanceof EngineError ||
    error instanceof TracingError ||
    error instanceof UnfinishedStopError;
  const isOfSystem = error instanceof Error && "syscall" in error && "code" in error;
  const code = isOurs || isOfSystem ? String(error.code).toLowerCase() : "";
  return Object.hasOwn(actions, code) ? (code as StartFault) : "internal_error";
}
