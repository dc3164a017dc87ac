import type { IncomingMessage, ServerResponse } from "node:http";
import { send, sendText } from "../../trace-store/http-listener.ts";
import type { Provisioned } from "../data/provisioned.ts";
import type { Provisioning } from "../provisioned/index.ts";
import type { Bundle } from "./bundle.ts";
import { answerLogQuery, LogQueryError } from "./log-lines.ts";
import { icon, pageShell, securityHeaders } from "./page-shell.ts";
import type { PreviewFeed } from "./preview-feed.ts";
import { answerSampleRequest, answerServerState } from "./sample-request.ts";
import type { TempoProxy } from "./tempo-proxy.ts";

/** What the viewer's routes answer from. */
export interface ViewerContent {
  /** The page; in a preview it is made anew when the contract changes. */
  bundle: Bundle;
  readonly proxy: TempoProxy;
  readonly provisioning: Provisioning;
  readonly logFile: string | null;
  readonly serverUrl: string | null;
  /** The server's key, where it needs one. */
  readonly apiKey: string | undefined;
  readonly version: string;
  /** Undefined where files are not watched. */
  readonly preview: PreviewFeed | undefined;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly content: ViewerContent;
  /** What the pattern's groups matched in the path, undecoded. */
  readonly groups: readonly string[];
  readonly query: string;
}

type Answer = (exchange: Exchange) => void | Promise<void>;

const routes: readonly (readonly [pattern: RegExp, answer: Answer])[] = [
  [/^\/api\/health$/, answerHealth],
  [/^\/api\/viewer\/provisioned$/, answerProvisioned],
  [/^\/api\/viewer\/preview$/, answerPreview],
  [/^\/api\/viewer\/server$/, ({ response, content }) => answerServerState(response, content)],
  [/^\/api\/dashboards\/uid\/([\w-]+)$/, answerDashboard],
  [/^\/api\/datasources\/proxy\/uid\/([\w.-]+)(\/.*)$/, answerDatasource],
  [/^\/assets\/([0-9a-f]+)\/viewer\.(js|css)$/, answerAsset],
  [/^\/assets\/icon\.svg$/, answerIcon],
  [/^\/(dashboards|explore)?$/, answerPage],
  [/^\/d\/([\w-]+)(?:\/[^/]*)?$/, answerDashboardPage],
  [/^\/trace\/[0-9a-fA-F]{1,32}$/, answerPage],
];

/** Answers the viewer's addresses: those of Grafana that its pages and links use, and its assets. */
export function answerViewer(
  request: IncomingMessage,
  response: ServerResponse,
  content: ViewerContent,
): void | Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders)) {
    response.setHeader(name, value);
  }
  if (request.method === "POST" && request.url === "/api/viewer/sample-request") {
    return answerSampleRequest(request, response, content);
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    sendText(response, 405, "The viewer only shows: use GET or HEAD.");
    return;
  }
  const { path, query } = parseAddress(request.url ?? "/");
  for (const [pattern, answer] of routes) {
    const match = pattern.exec(path);
    if (match !== null) {
      return answer({ request, response, content, groups: match.slice(1), query });
    }
  }
  if (/^\/(api|assets)\//.test(path)) {
    sendText(response, 404, "There is nothing here.");
  } else {
    // A person gets a page with ways on.
    sendPage(response, content, 404);
  }
}

function parseAddress(url: string): { path: string; query: string } {
  const mark = url.indexOf("?");
  return mark === -1
    ? { path: url, query: "" }
    : { path: url.slice(0, mark), query: url.slice(mark) };
}

/** In Grafana's form, with a word that says what this is. */
function answerHealth({ response, content }: Exchange): void {
  sendJson(response, 200, {
    database: "ok",
    version: content.version,
    application: "miniserve's embedded viewer of Grafana's dashboards, which is not Grafana",
  });
}

function answerProvisioned({ response, content }: Exchange): void {
  const { datasources, dashboards, refusals } = content.provisioning.current();
  sendJson(response, 200, {
    version: content.version,
    tempoUrl: content.provisioning.source.tempoUrl,
    serverUrl: content.serverUrl,
    datasources,
    dashboards: dashboards.map(({ summary }) => summary),
    refusals,
  } satisfies Provisioned);
}

/** What a preview shows, as it changes. */
function answerPreview({ response, content: { preview } }: Exchange): void {
  if (preview === undefined) {
    sendText(response, 404, "Files are watched by npm run dashboards:preview.");
  } else {
    preview.answer(response);
  }
}

/** In the form of Grafana's own `GET /api/dashboards/uid/UID`. */
function answerDashboard({ response, content, groups: [uid] }: Exchange): void {
  const found = findDashboard(content, uid);
  if (found === undefined) {
    sendJson(response, 404, { message: "There is no dashboard with this uid." });
    return;
  }
  const { summary, content: dashboard } = found;
  const meta = { url: summary.url, folderTitle: summary.folder, provisioned: true };
  sendJson(response, 200, { meta, dashboard });
}

function answerDatasource(exchange: Exchange): void {
  const { request, response, content, groups, query } = exchange;
  const [uid, path = ""] = groups;
  const { datasources } = content.provisioning.current();
  const datasource = datasources.find((candidate) => candidate.uid === uid);
  if (datasource?.answeredBy === "tempo") {
    content.proxy.pass(request, response, path, query);
  } else if (datasource?.answeredBy === "log file" && path === "/loki/api/v1/query_range") {
    answerLogs(exchange);
  } else if (datasource === undefined) {
    sendText(response, 404, "There is no datasource with this uid.");
  } else {
    sendText(
      response,
      501,
      `The viewer asks no ${datasource.type}: ${datasource.name} is for Grafana.`,
    );
  }
}

function answerLogs({ response, content: { logFile }, query }: Exchange): void {
  try {
    const logQuery = new URLSearchParams(query).get("query") ?? "";
    sendJson(response, 200, answerLogQuery(logFile ?? "", logQuery));
  } catch (error) {
    if (!(error instanceof LogQueryError)) {
      throw error;
    }
    sendText(response, 400, error.message);
  }
}

/** An asset has the digest of its content in its address, so that it never changes. */
function answerAsset({ response, content: { bundle }, groups: [digest, kind] }: Exchange): void {
  if (digest !== bundle.digest) {
    sendText(response, 404, "This is of another version of the viewer. Load the page anew.");
    return;
  }
  const type = kind === "js" ? "text/javascript" : "text/css";
  const headers = {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": "public, max-age=31536000, immutable",
  };
  send(response, 200, headers, kind === "js" ? bundle.script : bundle.style);
}

function answerIcon({ response }: Exchange): void {
  send(response, 200, { "content-type": "image/svg+xml" }, Buffer.from(icon));
}

function answerPage({ response, content }: Exchange): void {
  sendPage(response, content, 200);
}

/** The page says of itself which dashboards there are. */
function answerDashboardPage({ response, content, groups: [uid] }: Exchange): void {
  sendPage(response, content, findDashboard(content, uid) === undefined ? 404 : 200);
}

function findDashboard({ provisioning }: ViewerContent, uid: string | undefined) {
  return provisioning.current().dashboards.find(({ summary }) => summary.uid === uid);
}

function sendPage(response: ServerResponse, content: ViewerContent, status: number): void {
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  send(
    response,
    status,
    headers,
    Buffer.from(pageShell(content.bundle.digest, content.preview !== undefined)),
  );
}

function sendJson(response: ServerResponse, status: number, document: unknown): void {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  send(response, status, headers, Buffer.from(JSON.stringify(document)));
}
