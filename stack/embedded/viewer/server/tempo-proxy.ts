import { Agent, request as askPlainly, type IncomingMessage, type ServerResponse } from "node:http";
import { request as askSecurely, Agent as SecureAgent } from "node:https";
import { sendText } from "../../http-listener.ts";
import { queryHintHeader } from "../data/tempo-answers.ts";
import type { TempoAddress } from "./tempo-address.ts";

/** What of Tempo's API the page may ask: what it reads with, and nothing of its administration. */
const allowed =
  /^\/api\/(echo|status\/buildinfo|search|search\/tags|search\/tag\/[^/]+\/values|v2\/search\/tags|v2\/search\/tag\/[^/]+\/values|v2\/traces\/[0-9a-f]{1,32}|traces\/[0-9a-f]{1,32}|metrics\/query|metrics\/query_range)$/i;

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
    if (!allowed.test(path)) {
      sendText(response, 404, "The viewer passes on what reads traces, nothing else.");
      return;
    }
    const { url, authorization } = this.#address;
    const ask = isSecure(this.#address) ? askSecurely : askPlainly;
    const upstream = ask(`${url}${path}${query}`, {
      method: "GET",
      agent: this.#agent,
      headers: {
        accept: "application/json",
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
    upstream.on("response", (answer) => {
      const type = answer.headers["content-type"] ?? "text/plain; charset=utf-8";
      response.writeHead(answer.statusCode ?? 502, {
        "content-type": type,
        "cache-control": "no-store",
        ...hintOf(answer),
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

function hintOf({ headers }: IncomingMessage): Record<string, string | string[]> {
  const hint = headers[queryHintHeader];
  return hint === undefined ? {} : { [queryHintHeader]: hint };
}

function isSecure({ url }: TempoAddress): boolean {
  return url.startsWith("https:");
}
