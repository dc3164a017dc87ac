/** For tests: a real Grafana, one that runs or one that is started here. */

import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { freePorts, Program, temporaryDirectory } from "../pipeline/program.ts";
import { readComposeFile } from "../support/compose-file.ts";

const { GRAFANA_URL = "", GRAFANA_TOKEN = "admin:admin" } = process.env;
const { GRAFANA_BIN = "", GRAFANA_HOME = "" } = process.env;
const canStart = GRAFANA_BIN !== "" && GRAFANA_HOME !== "";
const checkout = resolve(import.meta.dirname, "../..");

/** The Grafana that runs already; "" for none. */
export const runningGrafana = GRAFANA_URL.replace(/\/+$/, "");

/** Why tests of a Grafana are skipped here, or false where one is named. */
export const skipWithoutGrafana =
  runningGrafana === "" &&
  !canStart &&
  "set GRAFANA_BIN to a Grafana 12.2 or newer and GRAFANA_HOME to its folder, or GRAFANA_URL and GRAFANA_TOKEN to one that may be written to";

/** Why tests that start a Grafana of their own are skipped here, or false. */
export const skipWithoutProgram =
  !canStart && "set GRAFANA_BIN to a Grafana 12.2 or newer and GRAFANA_HOME to its folder";

export interface GrafanaUnderTest {
  /** Without a slash at the end. */
  readonly url: string;
  /** `user:password` of an administrator, or a token. */
  readonly credential: string;
  /** Who opens pages: nobody who has signed in, where Grafana lets such people in. */
  readonly pageHeaders: Readonly<Record<string, string>>;
  readonly output: () => string;
}

export interface Addresses {
  readonly tempo: string;
  readonly loki: string;
  readonly prometheus: string;
}

function formatAuthorization(credential: string): string {
  return credential.includes(":")
    ? `Basic ${Buffer.from(credential).toString("base64")}`
    : `Bearer ${credential}`;
}

/** The Grafana that GRAFANA_URL names. */
export function namedGrafana(): GrafanaUnderTest {
  return {
    url: runningGrafana,
    credential: GRAFANA_TOKEN,
    pageHeaders: { authorization: formatAuthorization(GRAFANA_TOKEN) },
    output: () => "",
  };
}

/** Starts a Grafana as the Compose file does, with these files and with nothing else. */
export async function startGrafana(
  t: TestContext,
  {
    addresses,
    provisioning,
    settings = {},
    path = "",
  }: {
    readonly addresses: Addresses;
    /** A folder with provisioning files; none for a Grafana with nothing in it. */
    readonly provisioning: string | undefined;
    readonly settings?: Readonly<Record<string, string>>;
    /** Where on its host it is served, `/grafana`. */
    readonly path?: string;
  },
): Promise<GrafanaUnderTest> {
  const data = temporaryDirectory(t);
  const [port = 0] = await freePorts(1);
  const origin = `http://localhost:${port}`;
  const program = await Program.start({
    path: GRAFANA_BIN,
    arguments: ["server", "--homepath", GRAFANA_HOME],
    settings: {
      PATH: process.env.PATH ?? "",
      ...readComposeFile().services.grafana?.environment,
      ...silent,
      DASHBOARDS_PATH: join(checkout, "dashboards", "generated"),
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: join(
        checkout,
        "dashboards",
        "generated",
        "overview.json",
      ),
      TEMPO_URL: addresses.tempo,
      LOKI_URL: addresses.loki,
      PROMETHEUS_URL: addresses.prometheus,
      GF_PATHS_DATA: data,
      GF_PATHS_LOGS: join(data, "log"),
      GF_PATHS_PROVISIONING: provisioning ?? join(data, "provisioning"),
      GF_SERVER_HTTP_ADDR: "127.0.0.1",
      GF_SERVER_HTTP_PORT: String(port),
      GF_SERVER_ROOT_URL: `${origin}${path}/`,
      GF_SERVER_SERVE_FROM_SUB_PATH: String(path !== ""),
      // The test asks as an administrator; pages are opened by nobody in particular.
      GF_AUTH_BASIC_ENABLED: "true",
      GF_SECURITY_ADMIN_PASSWORD: "admin",
      ...settings,
    },
    readyAt: `${origin}${path}/api/health`,
  });
  t.after(() => program.stop());
  return {
    url: `${origin}${path}`,
    credential: "admin:admin",
    pageHeaders: {},
    output: () => program.output,
  };
}

const unreachableUrl = "http://127.0.0.1:9";

/** Switches off what calls home besides what the Compose file switches off. */
const silent = {
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: "false",
  GF_SNAPSHOTS_EXTERNAL_ENABLED: "false",
  GF_SECURITY_DISABLE_GRAVATAR: "true",
  GF_PLUGINS_PREINSTALL_DISABLED: "true",
  GF_PLUGINS_PLUGIN_ADMIN_ENABLED: "false",
  GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: "true",
  GF_GRAFANA_COM_URL: unreachableUrl,
  GF_GRAFANA_COM_API_URL: `${unreachableUrl}/api`,
  HTTP_PROXY: unreachableUrl,
  HTTPS_PROXY: unreachableUrl,
  NO_PROXY: "127.0.0.1,localhost",
};

/** Asks Grafana's API as its administrator. @throws Error with its words when it refuses. */
export async function askGrafana<Answer>(
  { url, credential }: Pick<GrafanaUnderTest, "url" | "credential">,
  request: string,
  body?: unknown,
): Promise<Answer> {
  const [method = "GET", path = ""] = request.split(" ");
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: formatAuthorization(credential), "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${request}: ${answer.status} ${text}`);
  }
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}
