/** Tracing cannot start like this. */
export class TracingError extends Error {
  override readonly name = "TracingError";
  readonly code: "tracing_already_started" | "otlp_exporter_invalid";

  constructor(code: TracingError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
