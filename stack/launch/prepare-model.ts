import { spawn } from "node:child_process";
import { StackError } from "../command/stack-error.ts";
import { checkout, childEnvironment } from "../config.ts";
import { nodeArguments } from "./stack-plan.ts";

/**
 * Gets the model in the foreground; the person sees the progress.
 * @throws StackError `model_unavailable` when there is none, or the server's settings are wrong.
 */
export async function prepareModel(
  output: NodeJS.WriteStream,
  interruption: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, nodeArguments("server/main.ts", "--prepare"), {
    cwd: checkout,
    env: childEnvironment(),
    stdio: ["ignore", output, process.stderr],
  });
  const stop = () => child.kill("SIGTERM");
  interruption.addEventListener("abort", stop, { once: true });
  const end = await new Promise<string>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve(`did not start (${error.code})`));
    child.once("exit", (code, signal) => resolve(code === 0 ? "" : `ended with ${signal ?? code}`));
  });
  interruption.removeEventListener("abort", stop);
  if (end !== "" && !interruption.aborted) {
    throw new StackError({
      code: "model_unavailable",
      seen: `The model could not be prepared: server/main.ts --prepare ${end}.`,
      action: "The lines above say why. Nothing was started.",
      exitCode: 1,
    });
  }
}
