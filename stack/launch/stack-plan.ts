import { join } from "node:path";
import { checkout, type StackConfig } from "../config.ts";
import { readIdentity } from "../state/process-identity.ts";
import { computeDigest, type StackState } from "../state/stack-state.ts";
import type { ChildPlan, SupervisorPlan } from "../supervisor/plan.ts";
import { storeProcess } from "../trace-store/store-process.ts";

export interface StackPlanOptions {
  readonly withServer: boolean;
  readonly withViewer: boolean;
  readonly readyLimitMs: number;
}

/**
 * How the embedded stack is started: the store, the viewer that shows what is in it, and the server that
 * sends its spans to it.
 */
export function stackPlan(config: StackConfig, options: StackPlanOptions): SupervisorPlan {
  const state = firstState(config, options);
  return {
    directory: config.directory,
    checkout,
    state,
    children: [
      storePlan(state),
      ...(options.withViewer ? [viewerPlan(state)] : []),
      ...(options.withServer ? [serverPlan(config, state)] : []),
    ],
    readyLimitMs: options.readyLimitMs,
  };
}

/**
 * The arguments for a program of this checkout. Node runs TypeScript by itself from 22.18 on, which
 * starts faster and needs less memory than a loader; an older one is given the loader that this
 * process has.
 */
export function nodeArguments(...program: readonly string[]): string[] {
  return [...(process.features.typescript === "strip" ? [] : process.execArgv), ...program];
}

/** The server alone under a supervisor, beside a stack in containers. */
export function serverBesideContainers(
  config: StackConfig,
  options: StackPlanOptions & { readonly parts: Readonly<Record<string, string>> },
): SupervisorPlan {
  const { grafana } = config.ports;
  const state: StackState = {
    ...firstState(config, options),
    driver: "compose",
    // Grafana sends away whoever calls it by another name.
    viewerUrl: `http://localhost:${grafana}`,
    parts: options.parts,
  };
  return {
    directory: config.directory,
    checkout,
    state,
    children: options.withServer ? [serverPlan(config, state)] : [],
    readyLimitMs: options.readyLimitMs,
  };
}

function firstState(
  config: StackConfig,
  { withServer, withViewer }: Pick<StackPlanOptions, "withServer" | "withViewer">,
): StackState {
  const { ports, logFile } = config;
  const startedAt = new Date().toISOString();
  return {
    version: 1,
    phase: "starting",
    driver: "embedded",
    startedAt,
    serverUrl: withServer ? `http://${reachable(config.serverHost)}:${ports.server}` : null,
    viewerUrl: withViewer ? `http://127.0.0.1:${ports.grafana}` : null,
    tempoUrl: `http://127.0.0.1:${ports.tempo}`,
    otlpGrpcUrl: `http://127.0.0.1:${ports.otlpGrpc}`,
    otlpHttpUrl: `http://127.0.0.1:${ports.otlpHttp}`,
    logFile,
    settings: computeDigest(config.settings, startedAt),
    starter: readIdentity(process.pid) ?? null,
    supervisor: null,
    children: [],
  };
}

/** The address under which a listener can be reached from here. */
function reachable(host: string): string {
  if (host === "0.0.0.0") {
    return "127.0.0.1";
  }
  if (host === "::") {
    return "[::1]";
  }
  return host.includes(":") ? `[${host}]` : host;
}

function storePlan(state: StackState): ChildPlan {
  return {
    name: "store",
    command: process.execPath,
    arguments: [
      ...storeProcess.nodeOptions,
      ...nodeArguments(join("stack", "trace-store", "main.ts")),
    ],
    environment: storeProcess.environment,
    readyUrl: `${state.tempoUrl}/ready`,
    stopLimitMs: 20_000,
  };
}

function viewerPlan(state: StackState): ChildPlan {
  return {
    name: "viewer",
    command: process.execPath,
    arguments: nodeArguments(
      join("stack", "viewer", "main.ts"),
      ...(state.serverUrl === null ? [] : [state.serverUrl]),
    ),
    environment: {},
    readyUrl: `${state.viewerUrl}/api/health`,
    stopLimitMs: 5_000,
  };
}

/** Beyond its running requests the server needs time to send its last spans. */
const lastExportMs = 15_000;

function serverPlan(config: StackConfig, state: StackState): ChildPlan {
  const { hostname } = new URL(state.otlpGrpcUrl);
  const endpoint = {
    OTEL_EXPORTER_OTLP_ENDPOINT: state.otlpGrpcUrl,
    // Otherwise gRPC asks the proxy of http_proxy for this machine itself.
    no_grpc_proxy: [...config.proxyExceptions, hostname].join(","),
  };
  return {
    name: "server",
    command: process.execPath,
    arguments: nodeArguments(join("server", "main.ts")),
    environment: {
      MINISERVE_PORT: String(config.ports.server),
      MINISERVE_LOG_FILE: config.logFile ?? "",
      // OpenTelemetry's own variables win, as its specification says.
      ...(config.exportVariable === undefined ? endpoint : {}),
    },
    readyUrl: `${state.serverUrl}/readyz`,
    stopLimitMs: config.serverShutdownLimitMs + lastExportMs,
  };
}
