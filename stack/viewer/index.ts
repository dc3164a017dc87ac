import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AllowedCallers } from "../trace-store/access.ts";
import { listenForHttp, maxHeaderBytesOfQueries } from "../trace-store/http-listener.ts";
import type { ClientLimits } from "../trace-store/listen.ts";
import type { PreviewNews } from "./data/preview.ts";
import { answerViewer, type ViewerContent } from "./http/answer.ts";
import { bundlePage } from "./http/bundle.ts";
import { PreviewFeed } from "./http/preview-feed.ts";
import { parseTempoAddress } from "./http/tempo-address.ts";
import { TempoProxy } from "./http/tempo-proxy.ts";
import { Provisioning } from "./provisioned/index.ts";

export interface ViewerOptions {
  readonly hosts: readonly string[];
  /** 0 takes any that is free. */
  readonly port: number;
  /** Who may call besides what is on this machine; nobody unless given. */
  readonly allowed?: AllowedCallers;
  /** What clients may keep and for how long, where it is not as usual. */
  readonly limits?: Partial<ClientLimits>;
  /** The one Tempo that is asked, perhaps with a name and a password. */
  readonly tempoUrl: string;
  /** The server of the stack, or null where there is none. */
  readonly serverUrl: string | null;
  /** The server's key, for sample requests, where it needs one. */
  readonly apiKey?: string | undefined;
  /** The server's log file, which answers for Loki; null where there is none. */
  readonly logFile: string | null;
  /** The root of the project, where the page is made. */
  readonly checkout: string;
  /** The file that names the services, absolute. */
  readonly configuration: string;
  /** Where messages name files from, if not from the root of the project. */
  readonly namedFrom?: string;
  /** What open pages are told at first, where dashboards are previewed as they are written. */
  readonly preview?: PreviewNews;
  /** The folder with `datasources/` and `dashboards/`. */
  readonly provisioningFolder: string;
  readonly dashboardsFolder: string;
}

export interface Viewer {
  readonly port: number;
  /** The Tempo that is asked, as it may be shown. */
  readonly tempoUrl: string;
  /** What was provisioned and a Grafana would not take, a sentence each. It is read anew each time. */
  readonly refusals: () => readonly string[];
  /** Tells every open page of a preview what there is now. */
  readonly tellPreview: (news: PreviewNews) => void;
  /**
   * Makes the page anew, and keeps it in a folder: it holds the contract, which may have changed.
   * @throws Error with esbuild's words; the page stays what it was.
   */
  readonly rebuildPage: (cacheFolder: string) => Promise<void>;
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
 * `npm run dashboards:preview` starts it too, and tells its pages what has changed.
 *
 * @throws the error of `listen`, or of the bundler; nothing is left open.
 */
export async function startViewer(options: ViewerOptions): Promise<Viewer> {
  const { checkout, configuration, logFile, serverUrl, apiKey } = options;
  const tempo = parseTempoAddress(options.tempoUrl);
  const provisioning = new Provisioning({
    folder: options.provisioningFolder,
    dashboardsFolder: options.dashboardsFolder,
    tempoUrl: tempo.url,
    hasLogFile: logFile !== null,
    checkout: options.namedFrom ?? checkout,
  });
  const cacheFolder = join(checkout, "node_modules", ".cache", "miniserve", "viewer");
  const bundle = await bundlePage({ checkout, configuration }, cacheFolder);
  const { preview: news } = options;
  const preview =
    news === undefined ? undefined : new PreviewFeed({ ...news, pageDigest: bundle.digest });
  const proxy = new TempoProxy(tempo);
  const version = readVersion(checkout);
  const content: ViewerContent = {
    bundle,
    proxy,
    provisioning,
    logFile,
    serverUrl,
    apiKey,
    version,
    preview,
  };
  const listener = await listenForHttp({
    hosts: options.hosts,
    port: options.port,
    allowed: options.allowed,
    limits: options.limits,
    maxHeaderBytes: maxHeaderBytesOfQueries,
    answer: async (request, response) => answerViewer(request, response, content),
  });
  return {
    port: listener.port,
    tempoUrl: tempo.url,
    refusals: () => provisioning.current().refusals.map(({ file, reason }) => `${file}: ${reason}`),
    tellPreview: (told) => preview?.tell({ ...told, pageDigest: content.bundle.digest }),
    rebuildPage: async (folder) => {
      content.bundle = await bundlePage({ checkout, configuration }, folder);
    },
    close: async () => {
      preview?.close();
      proxy.close();
      await listener.close(graceMs);
    },
  };
}

function readVersion(checkout: string): string {
  return (JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { version: string })
    .version;
}
