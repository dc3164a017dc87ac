import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import { type Listening, listenOnHosts } from "./listen.ts";
import { refusalOf } from "./loopback-guard.ts";

export interface HttpListener extends Listening {
  /** Lets running requests end, for as long as given, then ends the connections. */
  readonly close: (graceMs: number) => Promise<void>;
}

export interface HttpListenerOptions {
  readonly hosts: readonly string[];
  /** 0 takes any that is free, the same on every host. */
  readonly port: number;
  /** Gets only requests that `refusalOf` lets through. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

const connections = 256;

/**
 * Serves plain HTTP/1.1 on loopback.
 * @throws the error of `listen`, with nothing left open.
 */
export async function listenForHttp(options: HttpListenerOptions): Promise<HttpListener> {
  const servers: Server[] = [];
  const listening = await listenOnHosts(
    () => {
      const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
      server.maxConnections = connections;
      server.on("request", (request, response) => {
        void answerGuarded(request, response, options);
      });
      servers.push(server);
      return server;
    },
    options.hosts,
    options.port,
  );
  return { ...listening, close: (graceMs) => close(servers, graceMs) };
}

async function answerGuarded(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpListenerOptions,
): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal !== undefined) {
    sendText(response, refusal.status, refusal.message);
    return;
  }
  try {
    await options.answer(request, response);
  } catch {
    if (response.headersSent) {
      response.destroy();
    } else {
      sendText(response, 500, "The answer could not be made.");
    }
  }
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  const headers = { "content-type": "text/plain; charset=utf-8" };
  send(response, status, headers, Buffer.from(`${text}\n`));
}

export function send(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: Buffer,
): void {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}

async function close(servers: readonly Server[], graceMs: number): Promise<void> {
  const force = setTimeout(() => {
    for (const server of servers) {
      server.closeAllConnections();
    }
  }, graceMs);
  await Promise.all(
    servers.map(async (server) => {
      // A server that never listened, for want of its host, has nothing to close.
      if (server.listening) {
        await new Promise((resolve) => server.close(resolve));
      }
    }),
  );
  clearTimeout(force);
}
