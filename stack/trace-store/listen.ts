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
      const mayRetry = port === 0 && codeOf(error) === "EADDRINUSE";
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
      if (absentHost.has(codeOf(error))) {
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

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
