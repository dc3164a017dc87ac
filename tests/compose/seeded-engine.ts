import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const program = resolve(import.meta.dirname, "engine-process.ts");

export interface SeededEngine {
  /** What the commands of the stack are to be run with. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the engine was asked for: `up --detach`, without the words that all have in common. */
  readonly calls: () => string[];
  /** The projects that have stored something. */
  readonly projectsWithData: () => string[];
  /** What of Grafana's files it is to have failed to load. */
  readonly loseDashboard: (title: string) => void;
  /** As a Grafana does to whom it does not let into Explore. */
  readonly closeExplore: () => void;
  /** From now on it has the images of the stack. */
  readonly haveImages: () => void;
}

/** A `docker` in a folder that is searched first: it starts one process in place of the containers. */
export function seedEngine(directory: string): SeededEngine {
  const folder = join(directory, "engine");
  mkdirSync(folder, { recursive: true });
  const docker = join(folder, "docker");
  writeFileSync(docker, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(docker, 0o755);
  return {
    environment: { PATH: `${folder}:${process.env.PATH}`, PLANTED_ENGINE: folder },
    calls: () => readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n"),
    projectsWithData: () =>
      readdirSync(folder).flatMap((name) => /^(.+)\.data$/.exec(name)?.[1] ?? []),
    loseDashboard: (title) => writeFileSync(join(folder, "lost"), title),
    haveImages: () => writeFileSync(join(folder, "has-images"), ""),
    closeExplore: () => writeFileSync(join(folder, "explore-is-closed"), ""),
  };
}
