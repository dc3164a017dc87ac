import { EngineError } from "./llama/engine/index.ts";
import { ModelError } from "./llama/models/index.ts";
import { modelErrors } from "./llama/models/model-error.ts";
import { TracingError } from "./tracing/index.ts";

/**
 * Everything that ends the server or keeps it from starting, by its stable code. `docs/errors.md` lists the same;
 * a test compares the two.
 */
export const startFaults = {
  configuration_invalid: "A setting cannot be used. There is a line for each.",
  otlp_exporter_invalid: "The OTEL_EXPORTER_OTLP_* variables cannot be used.",
  ...modelErrors,
  backend_unavailable: "No build of llama.cpp for what MINISERVE_GPU asks for works here.",
  model_unloadable: "llama.cpp cannot load the model's file.",
  chat_template_endless: "The model's chat template does not come to an end, or fills the memory.",
  context_uncreatable: "There is no memory for so many slots of so many tokens.",
  eaddrinuse: "Another process listens on the port.",
  eaddrnotavail: "The address is none of this machine's.",
  enotfound: "The host name is not known.",
  eacces: "The system does not allow the port to this user.",
  stop_unfinished:
    "The model was still at work for a request when the time to stop was over, so that request's trace is not whole.",
  internal_error: "An error that should not happen.",
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
    "Check that it is a whole GGUF file of a text model, and that it fits into memory.",
  chat_template_endless:
    "Correct the template in the model's file, or set MINISERVE_MODEL to another model.",
  context_uncreatable: "Set MINISERVE_SLOTS or MINISERVE_SLOT_TOKENS to less.",
  eaddrinuse: "Stop it, or set MINISERVE_PORT to another port.",
  eaddrnotavail: otherHost,
  enotfound: otherHost,
  eacces: "Set MINISERVE_PORT to 1024 or more.",
  stop_unfinished:
    "Set MINISERVE_PREFILL_CHUNK_TOKENS to less, or MINISERVE_SHUTDOWN_LIMIT_MS to more.",
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
