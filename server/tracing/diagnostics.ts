import { type DiagLogger, DiagLogLevel, diag } from "@opentelemetry/api";
import type { Log } from "../logging/index.ts";
import type { TracingContract } from "./tracing-contract.ts";

const maxLines = 100;
const maxCharacters = 500;

/** What OpenTelemetry has to say: refused spans, a full queue, variables that it cannot read. */
export class Diagnostics {
  readonly #logger: DiagLogger;

  constructor(contract: TracingContract, log: Log) {
    const told = new Set<string>();
    const tell = (...parts: unknown[]) => {
      const reason = toSentence(parts);
      // Many are about one span. Each kind is told once, whatever numbers are in it.
      const kind = reason.replaceAll(/[0-9a-f]{8,}|\d+/g, "");
      if (!told.has(kind) && told.size < maxLines) {
        told.add(kind);
        log(contract.logEvents.tracingMessage, { reason });
      }
    };
    const ignore = () => undefined;
    this.#logger = { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore };
  }

  listen(): void {
    diag.setLogger(this.#logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  }

  /**
   * Runs what would put a logger of its own in this one's place: NodeSDK, when OTEL_LOG_LEVEL is set,
   * one that writes to the console, among the lines of the log.
   */
  keepDuring<Result>(work: () => Result): Result {
    const { setLogger } = diag;
    diag.setLogger = () => false;
    try {
      return work();
    } finally {
      diag.setLogger = setLogger;
    }
  }

  stop(): void {
    diag.disable();
  }
}

/** Errors and objects are left out: only words of the library's own are repeated. */
function toSentence(parts: readonly unknown[]): string {
  const [line = ""] = parts
    .filter((part) => typeof part === "string")
    .join(" ")
    .split("\n");
  return line.replaceAll(/\p{Cc}/gu, " ").slice(0, maxCharacters) || "It did not say what.";
}
