import { namedVariable } from "../../../stack/index.ts";

/** The variable that says where spans go; undefined where none does. */
export function exporterVariable(): string | undefined {
  return ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"].find(
    (name) => namedVariable(name) !== undefined,
  );
}
