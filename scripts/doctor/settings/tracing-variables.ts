import { maxTextCharacters } from "#contract";
import { readConfiguration, unsupportedVariables } from "../../../server/index.ts";
import { namedVariable } from "../../../stack/index.ts";
import { type Check, orFine, type Seen } from "../check.ts";
import { Finding } from "../finding.ts";
import { isHad, type Subject } from "../subject.ts";

export function tracingVariablesCheck(subject: Subject): Check {
  return {
    name: "OTEL_*",
    why: "An SDK that is told to send nothing, or less, does so in silence. The server is started with this shell's variables.",
    look: () =>
      orFine(
        [
          ...switchedOff(),
          ...sampled(),
          ...lowLimits(),
          ...otherNames(subject),
          ...(subject.hasServer ? ignored() : []),
        ],
        "nothing of them turns tracing off.",
      ),
  };
}

function switchedOff(): Seen[] {
  const disabled = namedVariable("OTEL_SDK_DISABLED")?.toLowerCase() === "true";
  const isNone = namedVariable("OTEL_TRACES_EXPORTER") === "none";
  const means = "no span leaves the service";
  return [
    ...(disabled ? [new Finding("tracing_off", { variable: "OTEL_SDK_DISABLED", means })] : []),
    ...(isNone ? [new Finding("tracing_off", { variable: "OTEL_TRACES_EXPORTER", means })] : []),
  ];
}

function sampled(): Seen[] {
  const variable = "OTEL_TRACES_SAMPLER";
  const sampler = namedVariable(variable);
  const share = Number(namedVariable("OTEL_TRACES_SAMPLER_ARG") ?? "1");
  const isByShare = sampler?.endsWith("traceidratio") === true;
  if (sampler?.endsWith("always_off") === true || (isByShare && share === 0)) {
    return [new Finding("tracing_off", { variable, means: "no request is traced" })];
  }
  if (isByShare && share < 1) {
    const percent = Math.round(share * 100);
    return [
      new Finding("tracing_partial", {
        variable,
        means: `${percent} % of the requests are traced`,
      }),
    ];
  }
  return [];
}

const countLimits = ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"];
const lengthLimits = [
  "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
  "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
];
/** The specification's default. */
const usualCount = 128;

function lowLimits(): Seen[] {
  const lower = (variables: readonly string[], usual: number, means: (limit: number) => string) =>
    variables.flatMap((variable) => {
      const text = namedVariable(variable);
      const limit = Number(text);
      return text !== undefined && limit < usual
        ? [new Finding("tracing_partial", { variable, means: means(limit) })]
        : [];
    });
  return [
    ...lower(lengthLimits, maxTextCharacters, (limit) => `values are cut at ${limit} characters`),
    ...lower(countLimits, usualCount, (limit) => `a span has ${limit} attributes at most`),
  ];
}

/** Queries and dashboards ask for the names of the configuration. */
function otherNames({ services }: Subject): Seen[] {
  const resource = /(?:^|,)\s*service\.name=([^,]*)/.exec(
    namedVariable("OTEL_RESOURCE_ATTRIBUTES") ?? "",
  )?.[1];
  const [variable, name] =
    namedVariable("OTEL_SERVICE_NAME") === undefined
      ? ["OTEL_RESOURCE_ATTRIBUTES", resource]
      : ["OTEL_SERVICE_NAME", namedVariable("OTEL_SERVICE_NAME")];
  if (name === undefined || !isHad(services) || services.some((one) => one.name === name)) {
    return [];
  }
  const known = services.map((one) => one.name).join(", ");
  const means = `spans are of ${JSON.stringify(name)}, and dashboards and queries ask for ${known}`;
  return [new Finding("tracing_partial", { variable, means })];
}

function ignored(): Seen[] {
  const read = readConfiguration();
  const sentences =
    "configuration" in read ? unsupportedVariables(read.configuration.environment) : [];
  return sentences.map((message) => new Finding("variable_ignored", { message }));
}
