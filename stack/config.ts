import { join, resolve } from "node:path";
import {
  type Environment,
  readSettings,
  readVariable,
  type SettingFault,
  sharedSettings,
  stackSettings,
} from "#settings";
import { StackError } from "./command/stack-error.ts";
import type { AllowedCallers } from "./trace-store/access.ts";

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

export interface StackConfig {
  readonly ports: StackPorts;
  /** Which of Tempo's generated files the stack in containers uses. */
  readonly tempoPurpose: "development" | "production";
  /** The file that names the services, absolute. */
  readonly configuration: string;
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
  /** What gRPC reaches without the proxy, by the variables that it reads. */
  readonly proxyExceptions: readonly string[];
  /** The variable that tells the server where to send its spans, when one is set. */
  readonly exportVariable: string | undefined;
  /**
   * What the stack and its server are started with, by variable. For comparing only: it may hold the
   * key of the server.
   */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * The stack's settings.
 * @throws StackError `configuration_invalid` with a line for each setting that cannot be used.
 */
export function readStackConfig(environment: Environment = process.env): StackConfig {
  const { values, texts, faults } = readSettings(
    { ...sharedSettings, ...stackSettings },
    environment,
  );
  const ports = Object.fromEntries(
    Object.entries(portVariables).map(([name, variable]) => [name, values[variable]]),
  ) as unknown as StackPorts;
  const details = [...faults.map(faultLine), ...sharedPortFaults(ports, embeddedPorts)];
  if (details.length > 0) {
    throw new StackError("configuration_invalid", { details });
  }
  const { MINISERVE_LOG_FILE: logFile } = values;
  const absoluteLogFile = logFile === "" ? null : resolve(checkout, logFile);
  return {
    ports,
    tempoPurpose: values.TEMPO_PURPOSE,
    configuration: resolve(checkout, values.MINISERVE_CONFIG),
    directory: resolve(checkout, values.STACK_DIR),
    allowed: { hosts: values.STACK_ALLOWED_HOSTS, origins: values.STACK_ALLOWED_ORIGINS },
    store: {
      isAllowListOn: values.STACK_ALLOW_LIST,
      textLimitBytes: values.STACK_TEXT_LIMIT_BYTES,
      limits: {
        queryMs: values.STACK_QUERY_LIMIT_MS,
        metricsRangeHours: values.STACK_METRICS_RANGE_HOURS,
      },
      retention: {
        maxAgeMs: unlessZero(values.STACK_KEEP_HOURS, 3_600_000),
        maxBytes: unlessZero(values.STACK_SIZE_LIMIT_MIB, 1024 * 1024),
      },
    },
    logFile: absoluteLogFile,
    serverHost: values.MINISERVE_HOST,
    apiKey: values.MINISERVE_API_KEY || undefined,
    serverShutdownLimitMs: values.MINISERVE_SHUTDOWN_LIMIT_MS,
    proxyExceptions: splitList(
      readVariable(environment, "no_grpc_proxy") ?? readVariable(environment, "no_proxy"),
    ),
    exportVariable: endpointVariables.find((name) => readVariable(environment, name)),
    settings: startSettings(environment, { texts, ports, logFile: absoluteLogFile }),
  };
}

/** The value may hold anything, and this is read at a terminal. */
function faultLine({ variable, given, takes, default: usual }: SettingFault): string {
  const otherwise = usual === "" ? "unset it" : `unset it for ${usual}`;
  return `${variable} is ${JSON.stringify(given)}: set it to ${takes}, or ${otherwise}.`;
}

function splitList(text = ""): string[] {
  return text.split(",").filter((item) => item !== "");
}

/** Zero is how it is said that nothing is deleted. */
function unlessZero(count: number, unit: number): number | undefined {
  return count === 0 ? undefined : count * unit;
}

/** With what counts where nothing is set, so that a default that is set is the default. */
function startSettings(
  environment: Environment,
  read: { texts: Readonly<Record<string, string>>; ports: StackPorts; logFile: string | null },
): Record<string, string> {
  const ofServer = Object.keys(environment).filter((name) => /^(MINISERVE|OTEL)_/.test(name));
  // The folder of a stack is what it is found by, so it is always the same.
  const ofStore = Object.entries(read.texts).filter(
    ([name]) => name.startsWith("STACK_") && name !== "STACK_DIR",
  );
  const ports = Object.entries(portVariables).map(([name, variable]) => [
    variable,
    String(read.ports[name as PortName]),
  ]);
  return Object.fromEntries([
    ...ofServer.flatMap((name) => {
      const value = readVariable(environment, name);
      return value === undefined ? [] : [[name, value]];
    }),
    ...ofStore,
    ...ports,
    ["MINISERVE_LOG_FILE", read.logFile ?? ""],
  ]);
}

const endpointVariables = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/**
 * Node keeps here what it made of our sources, so that the next start has less to do. Without it the
 * programs take twice the time and 20 MB more each.
 */
const compileCache = join(checkout, "node_modules", ".cache", "miniserve");

/** The environment of a child: this process's own, and what the child needs on top. */
export function childEnvironment(additions: Environment = {}): Environment {
  return { NODE_COMPILE_CACHE: compileCache, ...process.env, ...additions };
}

/** Has this process and its children use another configuration. */
export function useConfiguration(file: string): void {
  process.env.MINISERVE_CONFIG = resolve(file);
}

/** A variable that a person named, such as the one that has a token; undefined when it is empty or unset. */
export function namedVariable(
  name: string,
  environment: Environment = process.env,
): string | undefined {
  return readVariable(environment, name);
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
