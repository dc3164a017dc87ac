import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listenForHttp } from "../http-listener.ts";
import { Provisioning } from "./provisioned/index.ts";
import { answerViewer } from "./server/answer.ts";
import { bundlePage } from "./server/bundle.ts";
import { TempoProxy } from "./server/tempo-proxy.ts";

export interface ViewerOptions {
  readonly hosts: readonly string[];
  /** 0 takes any that is free. */
  readonly port: number;
  /** The one Tempo that is asked. */
  readonly tempoUrl: string;
  /** The server of the stack, or null where there is none. */
  readonly serverUrl: string | null;
  /** The server's key, for sample requests, where it needs one. */
  readonly apiKey?: string | undefined;
  /** The server's log file, which answers for Loki; null where there is none. */
  readonly logFile: string | null;
  /** The root of the project: messages name files from there. */
  readonly checkout: string;
  /** The folder with `datasources/` and `dashboards/`. */
  readonly provisioningFolder: string;
  readonly dashboardsFolder: string;
}

export interface Viewer {
  readonly port: number;
  /** What was provisioned and a Grafana would not take, a sentence each. It is read anew each time. */
  readonly refusals: () => readonly string[];
  readonly close: () => Promise<void>;
}

const graceMs = 1_000;

/**
 * The embedded viewer: Grafana's dashboards in a browser, without Grafana.
 *
 *   provisioned/  reads what Grafana is provisioned with, and refuses what it would refuse
 *   server/       serves the page, passes queries on to Tempo, reads the log file for Loki
 *   data/         pure: frames, units, overrides, variables, times; shared by server and page
 *   page/         what runs in the browser, bundled at the start
 *
 * @throws the error of `listen`, or of the bundler; nothing is left open.
 */
export async function startViewer(options: ViewerOptions): Promise<Viewer> {
  const { checkout, logFile, serverUrl, apiKey } = options;
  const tempoUrl = options.tempoUrl.replace(/\/+$/, "");
  const provisioning = new Provisioning({
    folder: options.provisioningFolder,
    dashboardsFolder: options.dashboardsFolder,
    tempoUrl,
    hasLogFile: logFile !== null,
    checkout,
  });
  const cacheFolder = join(checkout, "node_modules", ".cache", "miniserve", "viewer");
  const bundle = await bundlePage(checkout, cacheFolder);
  const proxy = new TempoProxy(tempoUrl);
  const version = versionOf(checkout);
  const content = { bundle, proxy, provisioning, logFile, serverUrl, apiKey, version };
  const listener = await listenForHttp({
    hosts: options.hosts,
    port: options.port,
    answer: async (request, response) => answerViewer(request, response, content),
  });
  return {
    port: listener.port,
    refusals: () => provisioning.current().refusals.map(({ file, reason }) => `${file}: ${reason}`),
    close: async () => {
      proxy.close();
      await listener.close(graceMs);
    },
  };
}

function versionOf(checkout: string): string {
  return (JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { version: string })
    .version;
}
