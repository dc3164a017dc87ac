import { Agent, request as askPlainly, type IncomingMessage, type ServerResponse } from "node:http";
import { request as askSecurely, Agent as SecureAgent } from "node:https";
import { sendText } from "../../trace-store/http-listener.ts";
import { queryHintHeader } from "../data/tempo-answers.ts";
import type { TempoAddress } from "./tempo-address.ts";

/** Passes requests of the page on to one Tempo, which sends no CORS headers that a page could use. */
export class TempoProxy {
  readonly #address: TempoAddress;
  readonly #agent: Agent;

  constructor(address: TempoAddress) {
    this.#address = address;
    // A kept connection may be closed by the other end just as it is used again.
    const options = { keepAlive: false, maxSockets: 16 };
    this.#agent = isSecure(address) ? new SecureAgent(options) : new Agent(options);
  }

  /** @param path of Tempo's API, undecoded; @param query with its question mark, or empty. */
  pass(request: IncomingMessage, response: ServerResponse, path: string, query: string): void {
    const wanted = findTempoRequest(path, query);
    if (wanted === undefined) {
      sendText(response, 404, "The viewer passes on what reads traces, nothing else.");
      return;
    }
    const { url, authorization } = this.#address;
    const ask = isSecure(this.#address) ? askSecurely : askPlainly;
    const upstream = ask(`${url}${wanted}`, {
      method: "GET",
      agent: this.#agent,
      headers: {
        accept: "application/json",
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
    upstream.on("response", (answer) => {
      const status = answer.statusCode ?? 502;
      if (status >= 300 && status < 400) {
        answer.resume();
        // Where that leads, nobody is sent our name and password.
        sendText(
          response,
          502,
          `Tempo at ${url} is not there: it answered ${status}, a redirection.`,
        );
        return;
      }
      response.writeHead(status, {
        "content-type": getContentType(answer),
        "cache-control": "no-store",
        ...pickHintHeaders(answer),
      });
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    upstream.on("error", (error: NodeJS.ErrnoException) => {
      if (response.headersSent) {
        response.destroy();
      } else {
        sendText(response, 502, `Tempo at ${url} does not answer (${error.code}).`);
      }
    });
    // A page that asks no more must not keep the store busy.
    response.on("close", () => upstream.destroy());
    request.resume();
    upstream.end();
  }

  close(): void {
    this.#agent.destroy();
  }
}

function pickHintHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  const hint = headers[queryHintHeader];
  return hint === undefined ? {} : { [queryHintHeader]: hint };
}

/** A page of somebody else is text here. */
function getContentType({ headers }: IncomingMessage): string {
  const type = headers["content-type"] ?? "";
  return /^application\/(json|protobuf)\b/i.test(type) ? type : "text/plain; charset=utf-8";
}

function isSecure({ url }: TempoAddress): boolean {
  return url.startsWith("https:");
}

/** What of Tempo's API the page may ask: what it reads with, and nothing of its administration. */
const plainPaths: ReadonlySet<string> = new Set([
  "/api/echo",
  "/api/status/buildinfo",
  "/api/search",
  "/api/search/tags",
  "/api/v2/search/tags",
  "/api/metrics/query",
  "/api/metrics/query_range",
]);

const tracePath = /^(\/api\/(?:v2\/)?traces\/)([0-9a-f]{1,32})$/i;
const tagValuesPath = /^(\/api\/(?:v2\/)?search\/tag\/)([^/]+)(\/values)$/;

/**
 * What Tempo is asked for a request of a page: made anew of what was understood, so that nothing of what
 * the page wrote reaches it, however that is spelled. Undefined for what is not on the list.
 * @param path undecoded; @param query with its question mark, or empty.
 */
export function findTempoRequest(path: string, query: string): string | undefined {
  const known = findKnownPath(path);
  const parameters = new URLSearchParams(query).toString();
  return known === undefined || parameters === "" ? known : `${known}?${parameters}`;
}

function findKnownPath(path: string): string | undefined {
  if (plainPaths.has(path)) {
    return path;
  }
  const [, beforeId, id] = tracePath.exec(path) ?? [];
  if (beforeId !== undefined && id !== undefined) {
    return `${beforeId.toLowerCase()}${id}`;
  }
  const [, before, encoded = "", behind] = tagValuesPath.exec(path) ?? [];
  const name = decodeName(encoded);
  return name === undefined ? undefined : `${before}${encodeURIComponent(name)}${behind}`;
}

/**
 * The name of an attribute, decoded once. One that would be a path, a query or an escape to whoever decodes
 * it again, or that a server on the way may take for one, is none.
 */
function decodeName(encoded: string): string | undefined {
  let name: string;
  try {
    name = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  const isUnclear = /[\p{Cc}\\%?#;]/u.test(name);
  const isPath = name.split("/").some((part) => /^\.*$/.test(part));
  return isUnclear || isPath ? undefined : name;
}
