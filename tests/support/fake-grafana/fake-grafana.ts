import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { answerRules } from "./fake-alert-rules.ts";
import type { Answer, FakeRequest, GrafanaContent, Json } from "./fake-content.ts";
import { answerDashboards } from "./fake-dashboards.ts";
import { answerDatasources } from "./fake-datasources.ts";
import { answerFolders } from "./fake-folders.ts";
import { answerHistory } from "./fake-query-history.ts";

/**
 * A double of Grafana's HTTP API, as far as the provisioner uses it: the answers have the shapes that its
 * documentation shows for Grafana 13, and it insists on what Grafana insists on.
 */

export interface FakeGrafana {
  readonly url: string;
  readonly content: GrafanaContent;
  /** `POST /api/folders`, each request that came. */
  readonly requests: string[];
  /** Those of them that could have changed something. */
  readonly changes: () => string[];
  /** What goes wrong, once each, in this order. */
  readonly faults: Fault[];
}

export interface Fault {
  /** `POST /api/dashboards/db`; what it begins with is enough. */
  readonly request: string;
  /** A status instead of the answer, or the connection ends before or after it was carried out. */
  readonly kind: number | "reset before" | "reset after";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

/** The credentials that the double takes, and who they are. */
export const credentials = {
  token: "glsa_abcdefghijklmnopqrstuvwxyz012345_deadbeef",
  person: "ada:correct",
};

const parts = [answerFolders, answerDatasources, answerDashboards, answerRules, answerHistory];

export async function startFakeGrafana(
  context: TestContext,
  change: Partial<GrafanaContent> = {},
): Promise<FakeGrafana> {
  const content: GrafanaContent = { ...emptyContent(), ...change };
  const requests: string[] = [];
  const faults: Fault[] = [];
  const server = createServer((request, response) => {
    void respond(request, response, { content, requests, faults });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    content,
    requests,
    changes: () => requests.filter((request) => !request.startsWith("GET ")),
    faults,
  };
}

function emptyContent(): GrafanaContent {
  return {
    version: "13.1.0",
    edition: "Open Source",
    plugins: new Set(["tempo", "loki", "prometheus"]),
    denied: [],
    isAdmin: true,
    hasHistory: true,
    folders: new Map(),
    datasources: new Map(),
    dashboards: new Map(),
    rules: new Map(),
    history: new Map(),
    libraryPanels: new Map(),
  };
}

type Running = Pick<FakeGrafana, "content" | "requests" | "faults">;

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { content, requests, faults }: Running,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://double");
  const name = `${request.method} ${url.pathname}`;
  requests.push(name);
  const index = faults.findIndex((fault) => name.startsWith(fault.request));
  const fault = index < 0 ? undefined : faults.splice(index, 1)[0];
  const hasBody = request.headers["content-type"] === "application/json";
  const body = hasBody ? ((await json(request)) as Json) : {};
  if (fault?.kind === "reset before") {
    request.socket.destroy();
    return;
  }
  const answer =
    typeof fault?.kind === "number"
      ? { status: fault.kind, body: fault.body ?? { message: "planned" } }
      : answerTo({ method: request.method ?? "", url, body }, request, content);
  if (fault?.kind === "reset after") {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, { "content-type": "application/json", ...fault?.headers });
  response.end(answer.status === 204 ? "" : JSON.stringify(answer.body));
}

function answerTo(
  request: FakeRequest,
  { headers }: IncomingMessage,
  content: GrafanaContent,
): Answer {
  const { pathname } = request.url;
  if (request.method === "GET" && pathname === "/api/health") {
    return { status: 200, body: { database: "ok", version: content.version, commit: "0" } };
  }
  if (![bearer, basic].includes(headers.authorization ?? "")) {
    return {
      status: 401,
      body: {
        message: "Invalid API key",
        messageId: "api-key.invalid",
        statusCode: 401,
        traceID: "",
      },
    };
  }
  const name = `${request.method} ${pathname}`;
  if (content.denied.some((denied) => name.startsWith(denied))) {
    return {
      status: 403,
      body: {
        accessErrorId: "ACE0000000001",
        message:
          "You'll need additional permissions to perform this action. Permissions needed: some:write",
        title: "Access denied",
      },
    };
  }
  const answers = [answerSettings, ...parts].map((part) => part(request, content));
  return answers.find((answer) => answer !== undefined) ?? notFound;
}

const notFound: Answer = { status: 404, body: { message: "Not found", traceID: "" } };
const bearer = `Bearer ${credentials.token}`;
const basic = `Basic ${Buffer.from(credentials.person).toString("base64")}`;

function answerSettings({ method, url }: FakeRequest, content: GrafanaContent): Answer | undefined {
  if (method !== "GET") {
    return undefined;
  }
  if (url.pathname === "/api/frontend/settings") {
    const datasources = [...content.datasources.values()].map(({ name, uid, type }) => [
      name,
      { uid, type, name },
    ]);
    const buildInfo = { version: content.version, edition: content.edition, commit: "0" };
    const body = {
      buildInfo,
      datasources: {
        ...Object.fromEntries(datasources),
        "-- Grafana --": { type: "datasource", uid: "grafana", name: "-- Grafana --" },
      },
    };
    return { status: 200, body };
  }
  const [, plugin] = /^\/api\/plugins\/([\w-]+)\/settings$/.exec(url.pathname) ?? [];
  if (plugin === undefined) {
    return undefined;
  }
  return content.plugins.has(plugin)
    ? { status: 200, body: { id: plugin, type: "datasource", enabled: true } }
    : { status: 404, body: { message: "Plugin not found, no installed plugin with that id" } };
}
