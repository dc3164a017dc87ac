import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { getServiceName } from "#contract";
import { miniserve } from "#miniserve";
import { checkout, type PortName, portVariables, type StackConfig } from "../../../config.ts";
import { makePrivateFolder } from "../../../private-files.ts";

export const composePath = join(checkout, "stack", "deployment", "compose", "compose.yaml");

/**
 * What Compose calls the stack of a folder. Always with a digest of the whole path: containers and
 * volumes of this name are removed, and those of another checkout must never be among them.
 */
export function projectName({ directory }: Pick<StackConfig, "directory">): string {
  const digest = createHash("sha256").update(directory).digest("hex").slice(0, 12);
  return `${getServiceName(miniserve)}-${digest}`;
}

/** The images of the Compose file, without the one that is built from this checkout. */
export function pinnedImages(): string[] {
  const { services } = parse(readFileSync(composePath, "utf8"), { merge: true });
  return Object.values<{ image: string; build?: object }>(services)
    .filter(({ build }) => build === undefined)
    .map(({ image }) => image);
}

/** The variables that the Compose file reads. */
export function projectEnvironment(config: StackConfig): Record<string, string> {
  const { ports, logFile, directory, configuration } = config;
  const ownPorts = (Object.keys(portVariables) as PortName[]).map((name) => [
    portVariables[name],
    String(ports[name]),
  ]);
  return {
    ...Object.fromEntries(ownPorts),
    TEMPO_PURPOSE: config.tempoPurpose,
    CONFIGURATION_FOLDER: dirname(configuration),
    LOG_DIRECTORY: logFile === null ? join(directory, "no-log") : dirname(logFile),
    LOG_FILE_NAME: basename(logFile ?? getServiceName(miniserve), ".log"),
    ...owner(),
  };
}

/** The Collector reads the log as who writes it, since nobody else can. On Windows everybody can. */
function owner(): Record<string, string> {
  const [user, group] = [process.getuid?.(), process.getgid?.()];
  return user === undefined ? {} : { STACK_USER: `${user}:${group}` };
}

/** The engine would make a missing folder as root. */
export function prepareLogDirectory(config: StackConfig): void {
  makePrivateFolder(projectEnvironment(config).LOG_DIRECTORY ?? "");
}

/** The parts, with the address that says whether each is ready. */
export function getReadyUrls({ ports }: Pick<StackConfig, "ports">): Record<string, string> {
  return {
    collector: `http://127.0.0.1:${ports.collectorHealth}/`,
    tempo: `http://127.0.0.1:${ports.tempo}/ready`,
    loki: `http://127.0.0.1:${ports.loki}/ready`,
    prometheus: `http://127.0.0.1:${ports.prometheus}/-/ready`,
    grafana: `http://localhost:${ports.grafana}/api/health`,
  };
}
