import { join, resolve } from "node:path";
import { readAllowedCallers } from "./allowed-callers.ts";
import { StackError } from "./command/stack-error.ts";
import type { AllowedCallers } from "./embedded/access.ts";

/** The folder of the checkout: paths in settings are relative to it, wherever a command is called. */
export const checkout = resolve(import.meta.dirname, "..");

/** Where the store listens: nowhere else than on this machine. */
export const loopbackHosts = ["127.0.0.1", "::1"] as const;

export interface StackPorts {
  readonly server: number;
  readonly tempo: number;
  readonly otlpGrpc: number;
  readonly otlpHttp: number;
  readonly grafana: number;
  /** Of the parts that only the stack in containers has. */
  readonly loki: number;
  readonly prometheus: number;
  readonly collectorHealth: number;
}

export type PortName = keyof StackPorts;

/** The variable that sets each port. */
export const portVariables = {
  server: "MINISERVE_PORT",
  tempo: "TEMPO_PORT",
  otlpGrpc: "OTLP_GRPC_PORT",
  otlpHttp: "OTLP_HTTP_PORT",
  grafana: "GRAFANA_PORT",
  loki: "LOKI_PORT",
  prometheus: "PROMETHEUS_PORT",
  collectorHealth: "COLLECTOR_HEALTH_PORT",
} as const satisfies Record<PortName, string>;

/** Every setting of the stack's own commands, as docs/stack.md lists them. */
export const stackSettings = {
  MINISERVE_PORT: { default: "8080", meaning: "The port of the server." },
  TEMPO_PORT: { default: "3200", meaning: "The port of Tempo's API." },
  OTLP_GRPC_PORT: { default: "4317", meaning: "The port that takes spans over gRPC." },
  OTLP_HTTP_PORT: { default: "4318", meaning: "The port that takes spans over HTTP." },
  GRAFANA_PORT: {
    default: "3000",
    meaning: "The port of the dashboards, in the viewer or in Grafana.",
  },
  LOKI_PORT: { default: "3100", meaning: "In containers only: the port of Loki." },
  PROMETHEUS_PORT: { default: "9090", meaning: "In containers only: the port of Prometheus." },
  COLLECTOR_HEALTH_PORT: {
    default: "13133",
    meaning: "In containers only: the port at which the Collector says whether it is well.",
  },
  TEMPO_PURPOSE: {
    default: "development",
    meaning: "In containers only: which of Tempo's files, `development` or `production`.",
  },
  STACK_DIR: { default: ".stack", meaning: "The folder of the stack's state, data and output." },
  STACK_ALLOWED_HOSTS: {
    default: "",
    meaning:
      "Names by which clients may call the store and the viewer, beside loopback's: host names without ports, with commas between them, such as `host.docker.internal`.",
  },
  STACK_ALLOWED_ORIGINS: {
    default: "",
    meaning:
      "Web pages that may call the store and the viewer, or send spans over HTTP: origins such as `https://app.example`, with commas between them. None may by default.",
  },
  STACK_ALLOW_LIST: {
    default: "off",
    meaning: "`on`: of the server's spans the store keeps only what the contract declares.",
  },
  STACK_TEXT_LIMIT_BYTES: {
    default: "65536",
    meaning: "Names, keys and values of spans that are longer are cut, from 64 on.",
  },
  STACK_QUERY_LIMIT_MS: {
    default: "30000",
    meaning: "How long a query may take before the store ends it, from 100 on.",
  },
  STACK_METRICS_RANGE_HOURS: {
    default: "24",
    meaning: "The longest range of a metrics query; Tempo's own is 24.",
  },
  MINISERVE_LOG_FILE: {
    default: "logs/miniserve.log",
    meaning: "The server's log file; set and empty for none.",
  },
  STACK_KEEP_HOURS: {
    default: "168",
    meaning: "Spans that started longer ago are deleted; 0 for never.",
  },
  STACK_SIZE_LIMIT_MIB: {
    default: "2048",
    meaning:
      "Beyond so much of the store's file in use, the oldest spans are deleted; 0 for never.",
  },
} as const;

export interface StackConfig {
  readonly ports: StackPorts;
  /** Which of Tempo's generated files the stack in containers uses. */
  readonly tempoPurpose: "development" | "production";
  /** Where the stack keeps its state: `stack.json`, the store's data, the children's output. */
  readonly directory: string;
  /** Who may call the embedded store and the viewer, besides what is on this machine. */
  readonly allowed: AllowedCallers;
  /** How the embedded store treats what it is sent and asked. */
  readonly store: {
    readonly isAllowListOn: boolean;
    readonly textLimitBytes: number;
    readonly limits: { readonly queryMs: number; readonly metricsRangeHours: number };
    /** What is deleted by and by; undefined where nothing is. */
    readonly retention: {
      readonly maxAgeMs: number | undefined;
      readonly maxBytes: number | undefined;
    };
  };
  /** The server's log file, absolute; null when it was told to write none. */
  readonly logFile: string | null;
  /** The address that the server listens on. */
  readonly serverHost: string;
  /** What the server asks of its callers, if it asks for anything. Never printed. */
  readonly apiKey: string | undefined;
  /** How long the server lets running requests go on after a signal to stop. */
  readonly serverShutdownLimitMs: number;
  /** The variable that tells the server where to send its spans, when one is set. */
  readonly exportVariable: string | undefined;
  /**
   * What the stack and its server are started with, by variable. For comparing only: it may hold the
   * key of the server.
   */
  readonly settings: Readonly<Record<string, string>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The stack's settings.
 * @throws StackError `configuration_invalid` with a line for each setting that cannot be used.
 */
export function readStackConfig(environment: Environment = process.env): StackConfig {
  // An empty variable is an unset one, as OpenTelemetry's specification has it for its own.
  const set = (variable: string) => environment[variable]?.trim() || undefined;
  const faults: string[] = [];
  const ports = Object.fromEntries(
    Object.entries(portVariables).map(([name, variable]) => {
      const fallback = Number(stackSettings[variable].default);
      const port = portOf(set(variable) ?? String(fallback));
      if (port === undefined) {
        faults.push(
          `${variable} is "${set(variable)}": set it to a port from 1 to 65535, or unset it for ${fallback}.`,
        );
      }
      return [name, port ?? fallback];
    }),
  ) as unknown as StackPorts;
  faults.push(...sharedPortFaults(ports, embeddedPorts));
  const purpose = set("TEMPO_PURPOSE") ?? stackSettings.TEMPO_PURPOSE.default;
  if (purpose !== "development" && purpose !== "production") {
    faults.push(`TEMPO_PURPOSE is "${purpose}": set it to development or production.`);
  }
  const store = readStoreSettings(set, faults);
  const allowed = readAllowedCallers(set, faults);
  if (faults.length > 0) {
    throw new StackError({
      code: "configuration_invalid",
      seen: faults.length === 1 ? "A setting cannot be used." : "Settings cannot be used.",
      details: faults,
      exitCode: 2,
    });
  }
  const logFile = logFileOf(environment.MINISERVE_LOG_FILE?.trim());
  return {
    ports,
    tempoPurpose: purpose === "production" ? purpose : "development",
    directory: resolve(checkout, set("STACK_DIR") ?? stackSettings.STACK_DIR.default),
    allowed,
    store,
    logFile,
    serverHost: set("MINISERVE_HOST") ?? "127.0.0.1",
    apiKey: set("MINISERVE_API_KEY"),
    serverShutdownLimitMs: Number(set("MINISERVE_SHUTDOWN_LIMIT_MS") ?? 10_000) || 0,
    exportVariable: endpointVariables.find((variable) => set(variable) !== undefined),
    settings: startSettings(environment, ports, logFile),
  };
}

type SetVariable = (variable: string) => string | undefined;

function readStoreSettings(set: SetVariable, faults: string[]): StackConfig["store"] {
  const wholeNumber = (variable: keyof typeof stackSettings, least: number) => {
    const text = set(variable) ?? stackSettings[variable].default;
    if (!/^\d{1,9}$/.test(text) || Number(text) < least) {
      const fallback = stackSettings[variable].default;
      faults.push(
        `${variable} is "${text}": set it to a whole number from ${least} on, or unset it for ${fallback}.`,
      );
    }
    return Number(text);
  };
  const allowList = set("STACK_ALLOW_LIST") ?? stackSettings.STACK_ALLOW_LIST.default;
  if (allowList !== "on" && allowList !== "off") {
    faults.push(`STACK_ALLOW_LIST is "${allowList}": set it to on or off.`);
  }
  return {
    isAllowListOn: allowList === "on",
    textLimitBytes: wholeNumber("STACK_TEXT_LIMIT_BYTES", 64),
    limits: {
      queryMs: wholeNumber("STACK_QUERY_LIMIT_MS", 100),
      metricsRangeHours: wholeNumber("STACK_METRICS_RANGE_HOURS", 1),
    },
    retention: {
      maxAgeMs: unlessZero(wholeNumber("STACK_KEEP_HOURS", 0), 3_600_000),
      maxBytes: unlessZero(wholeNumber("STACK_SIZE_LIMIT_MIB", 0), 1024 * 1024),
    },
  };
}

/** Zero is how it is said that nothing is deleted. */
function unlessZero(count: number, unit: number): number | undefined {
  return count === 0 ? undefined : count * unit;
}

/** With what counts where nothing is set, so that a default that is set is the default. */
function startSettings(environment: Environment, ports: StackPorts, logFile: string | null) {
  const variables = Object.entries(environment).flatMap(([variable, value = ""]) =>
    /^(MINISERVE|OTEL)_/.test(variable) && value.trim() !== "" ? [[variable, value.trim()]] : [],
  );
  // The folder of a stack is what it is found by, so it is always the same.
  const ofStore = Object.entries(stackSettings).flatMap(([variable, { default: usual }]) =>
    variable.startsWith("STACK_") && variable !== "STACK_DIR"
      ? [[variable, environment[variable]?.trim() || usual]]
      : [],
  );
  return Object.fromEntries([
    ...variables,
    ...ofStore,
    ...(Object.keys(portVariables) as PortName[]).map((name) => [
      portVariables[name],
      String(ports[name]),
    ]),
    ["MINISERVE_LOG_FILE", logFile ?? ""],
  ]) as Record<string, string>;
}

const endpointVariables = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/** Here empty does not mean unset: it is how the server is told to write no file. */
function logFileOf(setting: string | undefined): string | null {
  return setting === ""
    ? null
    : resolve(checkout, setting ?? stackSettings.MINISERVE_LOG_FILE.default);
}

/**
 * Node keeps here what it made of our sources, so that the next start has less to do. Without it the
 * programs take twice the time and 20 MB more each.
 */
const compileCache = join(checkout, "node_modules", ".cache", "miniserve");

/** The environment of a child: this process's own, and what the child needs on top. */
export function childEnvironment(additions: Environment = {}): Environment {
  return { NODE_COMPILE_CACHE: compileCache, ...process.env, ...additions };
}

/** A variable that a person named, such as the one that has a token; undefined when it is empty or unset. */
export function namedVariable(
  name: string,
  environment: Environment = process.env,
): string | undefined {
  return environment[name]?.trim() || undefined;
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** Those that every stack uses. */
const embeddedPorts = ["server", "tempo", "otlpGrpc", "otlpHttp", "grafana"] as const;

/** A sentence for each port that several of these are to have. */
export function sharedPortFaults(
  ports: StackPorts,
  names: readonly PortName[] = Object.keys(portVariables) as PortName[],
): string[] {
  return [...Map.groupBy(names, (name) => ports[name])]
    .filter(([, sharing]) => sharing.length > 1)
    .map(([number, sharing]) => {
      const variables = sharing.map((name) => portVariables[name]).join(" and ");
      const are = sharing.length === 2 ? "are both" : "are all";
      return `${variables} ${are} ${number}: give each a port of its own.`;
    });
}
