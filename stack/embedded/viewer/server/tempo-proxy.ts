import { Agent, type IncomingMessage, request as requestOf, type ServerResponse } from "node:http";
import { sendText } from "../../http-listener.ts";

/** What of Tempo's API the page may ask: what it reads with, and nothing of its administration. */
const allowed =
  /^\/api\/(echo|status\/buildinfo|search|search\/tags|search\/tag\/[^/]+\/values|v2\/search\/tags|v2\/search\/tag\/[^/]+\/values|v2\/traces\/[0-9a-f]{1,32}|traces\/[0-9a-f]{1,32}|metrics\/query|metrics\/query_range)$/i;

/** Passes requests of the page on to one Tempo, which sends no CORS headers that a page could use. */
export class TempoProxy {
  readonly #tempoUrl: string;
  /** A kept connection may be closed by the other end just as it is used again. */
  readonly #agent = new Agent({ keepAlive: false, maxSockets: 16 });

  /** @param tempoUrl without a slash at its end. */
  constructor(tempoUrl: string) {
    this.#tempoUrl = tempoUrl;
  }

  /** @param path of Tempo's API, undecoded; @param query with its question mark, or empty. */
  pass(request: IncomingMessage, response: ServerResponse, path: string, query: string): void {
    if (!allowed.test(path)) {
      sendText(response, 404, "The viewer passes on what reads traces, nothing else.");
      return;
    }
    const upstream = requestOf(`${this.#tempoUrl}${path}${query}`, {
      method: "GET",
      agent: this.#agent,
      headers: { accept: "application/json" },
    });
    upstream.on("response", (answer) => {
      const type = answer.headers["content-type"] ?? "text/plain; charset=utf-8";
      response.writeHead(answer.statusCode ?? 502, {
        "content-type": type,
        "cache-control": "no-store",
      });
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    upstream.on("error", (error: NodeJS.ErrnoException) => {
      if (response.headersSent) {
        response.destroy();
      } else {
        sendText(response, 502, `Tempo at ${this.#tempoUrl} does not answer (${error.code}).`);
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
