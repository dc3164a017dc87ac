import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import type { EmbeddedPorts } from "../index.ts";
import { storeProcess } from "../store-process.ts";

export interface StartedStack {
  readonly process: ChildProcess;
  readonly ports: EmbeddedPorts;
  readonly rssBytes: number;
}

/**
 * Starts stack-process.ts, and waits until all of it answers. It is killed at the end of the test.
 * @param options.fileSizeKibibytes No file may grow larger: to the process its disk is full then.
 */
export async function startStack(
  context: TestContext,
  directory: string,
  options: { readonly fileSizeKibibytes?: number } = {},
): Promise<StartedStack> {
  const script = join(import.meta.dirname, "stack-process.ts");
  const words = [
    process.execPath,
    ...storeProcess.nodeOptions,
    ...process.execArgv,
    script,
    directory,
  ];
  const { fileSizeKibibytes } = options;
  // Unless the signal is ignored it ends the process; ignored, writing fails as on a full disk.
  const limited = `trap '' XFSZ; ulimit -S -f ${fileSizeKibibytes}; exec "$@"`;
  const [command = "", ...rest] =
    fileSizeKibibytes === undefined ? words : ["bash", "-c", limited, "bash", ...words];
  const child = spawn(command, rest, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...storeProcess.environment },
  });
  context.after(() => child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) {
    return { process: child, ...(JSON.parse(line) as Omit<StartedStack, "process">) };
  }
  throw new Error("The process ended before it was ready.");
}
