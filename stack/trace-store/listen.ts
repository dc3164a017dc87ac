import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

export interface Listening {
  readonly port: number;
  /** The hosts that are served, and those that this machine does not have, such as `::1`. */
  readonly hosts: readonly string[];
  readonly missingHosts: readonly string[];
  /** Takes no more connections. Those that are open stay. */
  readonly stop: () => void;
}

const attemptsAtFreePort = 20;
const absentHost = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/**
 * Listens on one port of several hosts, each with a server of its own. Port 0 takes one that is
 * free on all of them. A host that the machine lacks is left out, unless it lacks them all.
 * @throws the error of `listen` (`EADDRINUSE`, `EACCES` …), with nothing left open.
 */
export async function listenOnHosts(
  createServer: () => Server,
  hosts: readonly string[],
  port: number,
): Promise<Listening> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenOnce(createServer, hosts, port);
    } catch (error) {
      // The system picks a port that is free on the first host; another may have it taken.
      const mayRetry = port === 0 && getErrorCode(error) === "EADDRINUSE";
      if (!mayRetry || attempt === attemptsAtFreePort) {
        throw error;
      }
    }
  }
}

async function listenOnce(
  createServer: () => Server,
  hosts: readonly string[],
  wantedPort: number,
): Promise<Listening> {
  const servers = new Map<string, Server>();
  const stop = () => {
    for (const server of servers.values()) {
      server.close();
    }
  };
  let port = wantedPort;
  let absence: unknown = new Error("no host to listen on was given");
  for (const host of hosts) {
    const server = createServer();
    try {
      server.listen({ port, host, exclusive: true });
      await once(server, "listening");
    } catch (error) {
      if (absentHost.has(getErrorCode(error))) {
        absence = error;
        continue;
      }
      stop();
      throw error;
    }
    servers.set(host, server);
    port = (server.address() as AddressInfo).port;
  }
  if (servers.size === 0) {
    throw absence;
  }
  const missingHosts = hosts.filter((host) => !servers.has(host));
  return { port, hosts: [...servers.keys()], missingHosts, stop };
}

function getErrorCode(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}

/** A connection of TCP, or a session of HTTP/2. */
interface Connection {
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

interface Use {
  /** Whether anything was ever answered on it. */
  isServed: boolean;
  /** Whole requests that are being answered now. */
  answering: number;
}

/**
 * Bounds the connections of a listener, without letting those that ask for nothing lock others out:
 * where all places are taken, a new one gets that of the oldest which never sent a whole request; if
 * there is none, of the oldest on which nothing is being answered.
 */
export class Connections<Each extends Connection> {
  readonly #most: number;
  readonly #end: (connection: Each) => void;
  /** From the oldest to the newest. */
  readonly #open = new Map<Each, Use>();

  /** @param end How one that has to go is told so, where the protocol has words for it. */
  constructor(
    most: number,
    end = (connection: Each): void => {
      connection.destroy();
    },
  ) {
    this.#most = most;
    this.#end = end;
  }

  [Symbol.iterator](): IterableIterator<Each> {
    return this.#open.keys();
  }

  /** False when all others are at work: then it is ended at once. */
  add(connection: Each): boolean {
    if (this.#open.size >= this.#most && !this.#makeRoom()) {
      connection.destroy();
      return false;
    }
    this.#open.set(connection, { isServed: false, answering: 0 });
    connection.once("close", () => this.#open.delete(connection));
    return true;
  }

  /** A whole request has come. */
  begin(connection: Each): void {
    const use = this.#open.get(connection);
    if (use !== undefined) {
      use.answering += 1;
    }
  }

  /** It is answered, whatever of the answer is still on its way. */
  end(connection: Each): void {
    const use = this.#open.get(connection);
    if (use !== undefined) {
      use.answering -= 1;
      use.isServed = true;
    }
  }

  isAnswering(connection: Each): boolean {
    return (this.#open.get(connection)?.answering ?? 0) > 0;
  }

  isServed(connection: Each): boolean {
    return this.#open.get(connection)?.isServed === true;
  }

  #makeRoom(): boolean {
    let idle: Each | undefined;
    for (const [connection, { isServed, answering }] of this.#open) {
      if (answering === 0 && !isServed) {
        idle = connection;
        break;
      }
      idle ??= answering === 0 ? connection : undefined;
    }
    if (idle === undefined) {
      return false;
    }
    this.#open.delete(idle);
    this.#end(idle);
    return true;
  }
}

/** What a client may keep of a listener, and for how long: the same as at the server. */
export interface ClientLimits {
  /** Connections of one listener. Who comes on top takes the place of one without work. */
  readonly connections: number;
  /** Until the headers of a request are there, from the connection's start on. */
  readonly headersMs: number;
  /** Until a request is there whole. */
  readonly requestMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
  /** Without reading anything, while there is more to send. */
  readonly readingMs: number;
}

export const clientLimits: ClientLimits = {
  connections: 256,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 5_000,
  readingMs: 30_000,
};
