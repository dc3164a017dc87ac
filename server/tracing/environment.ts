/** The environment of the process. The OpenTelemetry SDK reads what it knows of it on its own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a variable; one that is empty or blank counts as unset, as OpenTelemetry has it. */
export function readEnvText(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim();
  return text === "" ? undefined : text;
}

/** A number above zero, or the default when the variable is unset or holds anything else. */
export function readEnvNumber(environment: Environment, name: string, otherwise: number): number {
  const number = Number(readEnvText(environment, name) ?? Number.NaN);
  return Number.isFinite(number) && number > 0 ? number : otherwise;
}

/** Variables of OpenTelemetry's specification that this server knows only some values of. */
const takenValues: Readonly<Record<string, readonly string[]>> = {
  OTEL_TRACES_EXPORTER: ["otlp", "none"],
  OTEL_METRICS_EXPORTER: ["otlp", "none"],
  OTEL_EXPORTER_OTLP_PROTOCOL: ["grpc"],
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: ["grpc"],
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: ["grpc"],
  OTEL_PROPAGATORS: ["tracecontext"],
};

/** A sentence for each variable that asks for what is not done here. It repeats no value. */
export function unsupportedVariables(environment: Environment): string[] {
  return Object.entries(takenValues).flatMap(([name, taken]) => {
    const text = readEnvText(environment, name);
    return text === undefined || taken.includes(text)
      ? []
      : [`${name} is ignored: it asks for something else than ${taken.join(" or ")}.`];
  });
}
