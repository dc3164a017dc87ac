import { createServer } from "node:net";
import { StackError } from "../command/stack-error.ts";
import { loopbackHosts, type PortName, portVariables, type StackConfig } from "../config.ts";
import { portOwner } from "./port-owner.ts";

/**
 * Makes sure that the ports are free.
 * @throws StackError `port_in_use` with a line for each that is not, and by whom it is used.
 */
export async function requireFreePorts(
  config: StackConfig,
  names: readonly PortName[],
): Promise<void> {
  const faults = await Promise.all(names.map((name) => faultOfPort(config, name)));
  const details = faults.filter((fault) => fault !== undefined);
  if (details.length > 0) {
    throw new StackError({
      code: "port_in_use",
      seen: details.length === 1 ? "A port cannot be used." : "Ports cannot be used.",
      details,
      action: "Stop what uses it, or give the variable another port.",
      exitCode: 2,
    });
  }
}

async function faultOfPort(config: StackConfig, name: PortName): Promise<string | undefined> {
  const port = config.ports[name];
  const hosts = name === "server" ? [config.serverHost] : loopbackHosts;
  for (const host of hosts) {
    const code = await tryToListen(host, port);
    if (code === "EADDRINUSE") {
      const owner = await portOwner(port);
      return `${portVariables[name]} ${port} is in use${owner === undefined ? "" : ` by ${owner}`}.`;
    }
    if (code === "EACCES") {
      return `${portVariables[name]} ${port} is kept for the administrator of this machine.`;
    }
  }
  return undefined;
}

/** The code of the error, or undefined when it worked, or when this machine has no such address. */
function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
