import { exploreLink } from "#contract";
import { StackError } from "../command/stack-error.ts";
import type { StackConfig } from "../config.ts";
import { getOutputFile } from "../supervisor/output-file.ts";
import { requireTempo } from "../trace/tempo-client.ts";
import { parseTempoAddress, type TempoAddress } from "../viewer/http/tempo-address.ts";
import { checkStack } from "./health.ts";

export interface RunningStack {
  readonly serverUrl: string;
  readonly tempoUrl: string;
  /** Where the server's log lines can be read. */
  readonly logFile: string;
}

/**
 * The addresses of the stack that runs, whatever the settings are by now. What is given wins; with
 * both addresses given, nothing has to run here.
 * @throws StackError `not_running` when an address is missing.
 */
export async function findRunningStack(
  config: StackConfig,
  given: { readonly [Key in keyof RunningStack]?: string | undefined },
): Promise<RunningStack> {
  const { state } = await checkStack(config.directory);
  const serverUrl = given.serverUrl ?? state?.serverUrl;
  const tempoUrl = given.tempoUrl ?? state?.tempoUrl;
  if (!serverUrl || !tempoUrl) {
    throw state === null ? notRunning() : notRunningServer();
  }
  const { logFile } = state ?? config;
  return {
    serverUrl: withoutSlash(serverUrl),
    tempoUrl: withoutSlash(tempoUrl),
    // A server that writes no file still writes the same lines to its output.
    logFile: given.logFile ?? logFile ?? getOutputFile(config.directory, "server"),
  };
}

/**
 * The address of the running stack's Tempo API, if none is given.
 * @throws StackError `not_running`.
 */
export async function findTraceStore(
  config: StackConfig,
  given: string | undefined,
): Promise<string> {
  const tempoUrl = given ?? (await checkStack(config.directory)).state?.tempoUrl;
  if (tempoUrl === undefined) {
    throw notRunning();
  }
  return withoutSlash(tempoUrl);
}

/**
 * The same for a Tempo that may want a name and a password, which its address has: it answers.
 * @throws StackError `not_running`, `store_unreachable`.
 */
export async function findTempo(
  config: StackConfig,
  given: string | undefined,
): Promise<TempoAddress> {
  const address = parseTempoAddress(await findTraceStore(config, given));
  await requireTempo(address.url, address.authorization);
  return address;
}

/**
 * Where the running stack takes spans, over OTLP/gRPC.
 * @param action What to do when none runs.
 * @throws StackError `not_running`.
 */
export async function findReceiver(config: StackConfig, action: string): Promise<string> {
  const { state } = await checkStack(config.directory);
  if (state === null) {
    throw notRunning(action);
  }
  return state.otlpGrpcUrl;
}

/** What a preview of the dashboards asks. */
export interface PreviewedStack {
  /** Perhaps with a name and a password in it. */
  readonly tempoUrl: string;
  /** Null without a server of this stack, and without its log file. */
  readonly serverUrl: string | null;
  readonly logFile: string | null;
}

/**
 * The Tempo that is given, or the running stack with all that it has.
 * @throws StackError `not_running` without either, `store_unreachable` when it does not answer as Tempo.
 */
export async function findStackToPreview(
  config: StackConfig,
  given: string | undefined,
): Promise<PreviewedStack> {
  const { state } = await checkStack(config.directory);
  if (given === undefined && state === null) {
    throw notRunning(
      "npm run stack:up starts it. Or name a Tempo: npm run dashboards:preview -- --tempo URL.",
    );
  }
  const tempoUrl = withoutSlash(given ?? state?.tempoUrl ?? "");
  const { url, authorization } = parseTempoAddress(tempoUrl);
  await requireTempo(url, authorization);
  return given === undefined
    ? { tempoUrl, serverUrl: state?.serverUrl ?? null, logFile: state?.logFile ?? null }
    : { tempoUrl, serverUrl: null, logFile: null };
}

/** A store whose traces are read, and where a person looks at one of them. */
export interface ReadStore {
  /** Without a name or a password. */
  readonly tempoUrl: string;
  /** What it is asked with, where it needs that. */
  readonly authorization: string | undefined;
  /** The address of a trace's page; undefined where nothing is known to show it. */
  readonly traceLink: (traceId: string) => string | undefined;
}

/**
 * The Tempo that is given, or that of the running stack.
 * @param given `grafana` is the address of a Grafana that shows the traces, if not the running stack's page.
 * @throws StackError `not_running` without either, `store_unreachable` when it does not answer as Tempo.
 */
export async function findStoreToRead(
  config: StackConfig,
  given: { readonly tempo?: string | undefined; readonly grafana?: string | undefined },
): Promise<ReadStore> {
  const { url, authorization } = await findTempo(config, given.tempo);
  const { state } = await checkStack(config.directory);
  const viewerUrl = given.tempo === undefined ? state?.viewerUrl : undefined;
  const grafanaUrl =
    given.grafana === undefined
      ? state?.driver === "compose" && viewerUrl
      : withoutSlash(given.grafana);
  return {
    tempoUrl: url,
    authorization,
    traceLink: (traceId) => {
      if (grafanaUrl) {
        return `${grafanaUrl}${exploreLink(traceId)}`;
      }
      return viewerUrl ? `${withoutSlash(viewerUrl)}/trace/${traceId}` : undefined;
    },
  };
}

function notRunning(action = "npm run stack:up starts it."): StackError {
  return new StackError("not_running", {
    message: "The stack does not run.",
    hint: action,
  });
}

function notRunningServer(): StackError {
  return new StackError("not_running", {
    message: "The stack runs without the server.",
    hint: "npm run stack:down, then npm run stack:up starts it with the server.",
  });
}

function withoutSlash(url: string): string {
  if (!URL.canParse(url)) {
    throw new StackError("usage_invalid", {
      message: "An address is not a URL.",
      hint: "Write it as http://127.0.0.1:8080.",
    });
  }
  return url.replace(/\/+$/, "");
}
