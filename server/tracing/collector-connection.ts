import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { type Environment, textOf } from "./environment.ts";
import { TracingError } from "./tracing-error.ts";

/** A collector that hangs would otherwise hold up everything behind it for ten seconds. */
const timeoutMs = 2_000;

/**
 * The stock exporter on a connection of its own: OTLP over gRPC to `http://localhost:4317`, or what the
 * OTEL_EXPORTER_OTLP_* variables say. gRPC shares connections, and their back-off, between channels
 * with equal options. The user agent is the one option that the exporter lets us choose, so each
 * connection after the first has a name of its own.
 * @throws TracingError when the variables hold an address that is none.
 */
export function connectToCollector(connection: number, environment: Environment): SpanExporter {
  const isTimeoutSet = ["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"].some(
    (name) => textOf(environment, name) !== undefined,
  );
  try {
    return new OTLPTraceExporter({
      ...(isTimeoutSet ? {} : { timeoutMillis: timeoutMs }),
      ...(connection === 1 ? {} : { userAgent: `connection/${connection}` }),
    });
  } catch (error) {
    throw new TracingError(
      "otlp_exporter_invalid",
      "The OTEL_EXPORTER_OTLP_* variables are invalid. Write the endpoint as http://host:4317.",
      error,
    );
  }
}
