import { defineErrors } from "#errors";

/** Tracing cannot start like this. */
export class TracingError extends defineErrors("TracingError", {
  tracing_already_started: {
    message: "Tracing runs already in this process.",
    hint: "Shut it down before it is started again.",
  },
  otlp_exporter_invalid: {
    message: "The OTEL_EXPORTER_OTLP_* variables are invalid.",
    hint: "Write the endpoint as http://host:4317.",
  },
}) {}
