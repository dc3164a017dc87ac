import { defineErrors } from "#errors";

/** What the tools of who develops can meet, which load nothing of the stack. */
export class ToolError extends defineErrors("ToolError", {
  usage_invalid: {
    exit: 2,
    message: ({ asked }: { asked: string }) => `There is no ${asked}.`,
    hint: ({ known }: { known: string }) => `Name one of: ${known}.`,
  },
  gpu_unsupported: {
    exit: 2,
    message: ({ system }: { system: string }) => `There is no GPU build for ${system}.`,
    hint: "Use Linux or Windows with an x64 processor; a Mac needs none.",
  },
  download_failed: {
    exit: 1,
    message: ({ name, reason }: { name: string; reason: string }) =>
      `${name} could not be fetched: ${reason}.`,
    hint: "Check the network and npm's proxy settings, then run the same command again.",
  },
  lockfile_unusable: {
    exit: 1,
    message: ({ reason }: { reason: string }) =>
      `package-lock.json cannot be read or written: ${reason}.`,
    hint: "Take it from git again, and make it writable for this user.",
  },
}) {}

/** Prints how a tool is used when that was asked for; then nothing else may be done. */
export function printedHelp(usage: string): boolean {
  const isAsked = process.argv.slice(2).some((option) => ["--help", "-h"].includes(option));
  if (isAsked) {
    process.stdout.write(usage);
  }
  return isAsked;
}

/** Runs a tool. An error of the table is a line on stderr and the exit code. */
export async function tellToolErrors(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof ToolError)) {
      throw error;
    }
    // Only here: a contract that cannot be loaded must not keep the checks from saying why.
    const { visibleText, withoutCredentials } = await import("#contract");
    process.stderr.write(`${withoutCredentials(visibleText(error.toLine()))}\n`);
    process.exitCode = error.exitCode;
  }
}
