import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { Access, type AllowedCallers, nobodyElse } from "./access.ts";
import {
  type ClientLimits,
  Connections,
  clientLimits,
  type Listening,
  listenOnHosts,
} from "./listen.ts";

export interface HttpListener extends Listening {
  /** Lets running requests end, for as long as given, then ends the connections. */
  readonly close: (graceMs: number) => Promise<void>;
}

export interface HttpListenerOptions {
  readonly hosts: readonly string[];
  /** 0 takes any that is free, the same on every host. */
  readonly port: number;
  /** Of a request's line and headers. 16 KiB unless given; queries stand in the line. */
  readonly maxHeaderBytes?: number;
  /** Who may call besides what is on this machine; nobody unless given. */
  readonly allowed?: AllowedCallers | undefined;
  /** What clients may keep and for how long, where it is not as usual. */
  readonly limits?: Partial<ClientLimits> | undefined;
  /** Gets only requests that may be answered, and no preflights. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** How often limits are looked at; Node's own 30 s would make a limit of 10 s one of 40 s. */
const limitCheckMs = 1_000;

/** For listeners that get queries: the longest that is read, with every character written as `%XX`. */
export const maxHeaderBytesOfQueries = 1024 * 1024;

/**
 * Serves plain HTTP/1.1 on loopback, to those who may call, and cuts off who takes too long.
 * @throws the error of `listen`, with nothing left open.
 */
export async function listenForHttp(options: HttpListenerOptions): Promise<HttpListener> {
  const limits = { ...clientLimits, ...options.limits };
  const access = new Access(options.allowed ?? nobodyElse);
  const connections = new Connections<Socket>(limits.connections);
  const servers: Server[] = [];
  const listening = await listenOnHosts(
    () => {
      const server = createServer({
        headersTimeout: limits.headersMs,
        requestTimeout: limits.requestMs,
        keepAliveTimeout: limits.keepAliveMs,
        maxHeaderSize: options.maxHeaderBytes,
        connectionsCheckingInterval: Math.min(limitCheckMs, limits.headersMs),
      });
      server.on("connection", (socket) => connections.add(socket));
      server.setTimeout(limits.readingMs, (socket: Socket) => {
        // Nothing has moved. The client may be waiting for its answer; all else waits for the client.
        if (!connections.isAnswering(socket) || socket.writableLength > 0) {
          socket.destroy();
        }
      });
      server.on("request", (request, response) => {
        countWork(connections, request, response);
        void answerGuarded(request, response, access, options.answer);
      });
      servers.push(server);
      return server;
    },
    options.hosts,
    options.port,
  );
  return { ...listening, close: (graceMs) => close(servers, graceMs) };
}

/** A connection is at work from the last byte of a request until its whole answer is there. */
function countWork(
  connections: Connections<Socket>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { socket } = request;
  const hasBody =
    request.headers["transfer-encoding"] !== undefined ||
    Number(request.headers["content-length"] ?? 0) > 0;
  let isWorking = false;
  const begin = () => {
    isWorking = true;
    connections.begin(socket);
  };
  const end = () => {
    if (isWorking) {
      isWorking = false;
      connections.end(socket);
    }
  };
  if (hasBody) {
    request.once("end", begin);
  } else {
    begin();
  }
  response.once("prefinish", end);
  response.once("close", end);
}

async function answerGuarded(
  request: IncomingMessage,
  response: ServerResponse,
  access: Access,
  answer: HttpListenerOptions["answer"],
): Promise<void> {
  const refusal = access.findRefusal(request);
  if (refusal !== undefined) {
    sendText(response, refusal.status, refusal.message);
    return;
  }
  for (const [name, value] of Object.entries(access.headersFor(request))) {
    response.setHeader(name, value);
  }
  if (access.isPreflight(request)) {
    response.writeHead(204).end();
    return;
  }
  try {
    await answer(request, response);
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
