import { CodedError, defineErrors } from "#errors";
import { EngineError } from "./llama/engine/index.ts";
import { ModelError } from "./llama/models/index.ts";
import { TracingError } from "./tracing/index.ts";

const otherHost = "Set MINISERVE_HOST to an address of this machine.";
const report = "Please report it with this line.";
const { backend_unavailable, model_unloadable, context_uncreatable, chat_template_endless } =
  EngineError.table;

/** Everything that ends the server or keeps it from starting. */
export class StartError extends defineErrors("StartError", {
  arguments_invalid: {
    message: "npm start takes --prepare or --help, nothing else.",
    hint: "npm start -- --help says what they do.",
  },
  configuration_invalid: {
    message: "A setting is invalid. Each is listed on its own line.",
    hint: "docs/generated/settings.md lists what each takes.",
  },
  eaddrinuse: {
    message: "Another process listens on the port.",
    hint: "Stop it, or set MINISERVE_PORT to another port.",
  },
  eaddrnotavail: { message: "The address does not belong to this machine.", hint: otherHost },
  enotfound: { message: "The host name is unknown.", hint: otherHost },
  eacces: {
    message: "This user may not use the port.",
    hint: "Set MINISERVE_PORT to 1024 or more.",
  },
  stop_unfinished: {
    exit: 1,
    message:
      "The model was still working on a request when the time to stop ran out, so that request's trace is incomplete.",
    hint: "Lower MINISERVE_PREFILL_CHUNK_TOKENS, or raise MINISERVE_SHUTDOWN_LIMIT_MS.",
  },
  internal_error: { exit: 1, message: "An unexpected error.", hint: report },
}) {}

export const startFaults = {
  ...StartError.table,
  ...TracingError.table,
  ...ModelError.table,
  backend_unavailable,
  model_unloadable,
  context_uncreatable,
  chat_template_endless,
};

type StartFault = keyof typeof startFaults;

/** What an operator is told: the code, what was seen, and what to do. */
export interface Fault {
  readonly errorType: StartFault;
  readonly reason: string;
  readonly action: string;
}

/** The fault, and with what the process ends. */
interface Ending {
  readonly fault: Fault;
  readonly exitCode: number;
}

/** The longest that a log line takes. */
const maxCharacters = 500;

/** Of messages only our own errors' are repeated: others may hold what a user typed. */
export function toEnding(thrown: unknown): Ending {
  const error =
    thrown instanceof CodedError && Object.hasOwn(startFaults, thrown.code)
      ? thrown
      : new StartError(readSystemCode(thrown));
  return {
    fault: {
      errorType: error.code as StartFault,
      reason: error.message.slice(0, maxCharacters),
      action: error.hint.slice(0, maxCharacters),
    },
    exitCode: error.exitCode,
  };
}

function readSystemCode(error: unknown): StartError["code"] {
  const isOfSystem = error instanceof Error && "syscall" in error && "code" in error;
  const code = isOfSystem ? String(error.code).toLowerCase() : "";
  return Object.hasOwn(StartError.table, code) ? (code as StartError["code"]) : "internal_error";
}
