import { dirname, join } from "node:path";
import { toSystemError } from "../command/command.ts";
import { StackError } from "../command/stack-error.ts";
import { checkout, loopbackHosts, readStackConfig } from "../config.ts";
import { outlastFullDisk } from "../outlast-full-disk.ts";
import { keepFilesPrivate } from "../private-files.ts";
import { startViewer } from "./index.ts";

/**
 * The process of the embedded viewer, apart from the store's so that neither can harm the other. Its one
 * argument is the address of the server, where there is one.
 */
await main().catch(fail);

async function main(): Promise<void> {
  keepFilesPrivate();
  outlastFullDisk();
  const { configuration, ports, logFile, apiKey, allowed } = readStackConfig();
  const folder = dirname(configuration);
  const viewer = await startViewer({
    hosts: loopbackHosts,
    allowed,
    port: ports.grafana,
    tempoUrl: `http://127.0.0.1:${ports.tempo}`,
    serverUrl: process.argv[2] ?? null,
    apiKey,
    logFile,
    checkout,
    configuration,
    provisioningFolder: join(folder, "provisioning", "generated", "grafana"),
    dashboardsFolder: join(folder, "dashboards", "generated"),
  });
  printLine(`The viewer listens on ${viewer.port}.`);
  for (const refusal of viewer.refusals()) {
    printLine(`Not provisioned: ${refusal}`);
  }
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void stop(viewer, signal));
  }
}

async function stop(viewer: { close(): Promise<void> }, signal: string): Promise<void> {
  printLine(`${signal}: the viewer stops.`);
  await viewer.close();
  process.exit(0);
}

function printLine(sentence: string): void {
  process.stdout.write(`${new Date().toISOString()} ${sentence}\n`);
}

function fail(thrown: unknown): never {
  const error = toSystemError(thrown) ?? thrown;
  if (error instanceof StackError) {
    printLine(error.toLine());
  } else {
    printLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  process.exit(1);
}
