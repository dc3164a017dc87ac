import { outlastFullDisk } from "../outlast-full-disk.ts";
import { keepFilesPrivate, privacySentences } from "../private-files.ts";
import { readIdentity } from "../state/process-identity.ts";
import { restrictStackDirectory } from "../state/stack-state.ts";
import type { FromSupervisor, ToSupervisor } from "./plan.ts";
import { Supervisor } from "./supervisor.ts";

/**
 * The process that owns a running stack. `stack:up` starts it and talks to it over an IPC channel;
 * as long as it has not been adopted it ends, with all it started, when that channel closes, so that
 * a `stack:up` that is killed leaves nothing behind.
 */
keepFilesPrivate();
outlastFullDisk();
let supervisor: Supervisor | undefined;
const keepAliveMs = 3_600_000;
let isAdopted = false;
let isEnding = false;

function log(sentence: string): void {
  process.stdout.write(`${new Date().toISOString()} ${sentence}\n`);
}

function sendMessage(message: FromSupervisor): void {
  if (process.connected) {
    // A starter that just died closes the channel, which is noticed below.
    process.send?.(message, () => undefined);
  }
}

async function end(reason: string, exitCode: number): Promise<void> {
  if (isEnding) {
    return;
  }
  isEnding = true;
  log(reason);
  await supervisor?.stop();
  log("The supervisor ends.");
  process.exit(exitCode);
}

process.on("message", async (message: ToSupervisor) => {
  switch (message.type) {
    case "start": {
      const { plan } = message;
      const state = { ...plan.state, supervisor: readIdentity(process.pid) ?? null };
      privacySentences(restrictStackDirectory(plan.directory)).forEach(log);
      log(`The supervisor starts ${plan.children.map(({ name }) => name).join(" and ")}.`);
      if (plan.children.length === 0) {
        // Beside containers without a server nothing else would keep it here.
        setInterval(() => undefined, keepAliveMs);
      }
      supervisor = new Supervisor({ ...plan, state }, { tell: sendMessage, log });
      if (!(await supervisor.start())) {
        await end("Not all could be started.", 1);
      }
      break;
    }
    case "adopt":
      isAdopted = true;
      supervisor?.adopt();
      process.disconnect();
      break;
    case "stop":
      await end("stack:up was interrupted.", 1);
      break;
    default:
      message satisfies never;
  }
});

process.on("disconnect", () => {
  if (!isAdopted) {
    void end("stack:up is gone before the stack was ready.", 1);
  }
});

process.on("SIGTERM", () => void end("Asked to stop.", 0));
process.on("SIGINT", () => void end("Asked to stop.", 0));
// The terminal in which stack:up ran may close.
process.on("SIGHUP", () => undefined);

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    void end(`A defect of the supervisor: ${(error as Error)?.stack ?? String(error)}`, 1);
  });
}
