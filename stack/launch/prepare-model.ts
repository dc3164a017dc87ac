import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { StackError, type StackErrorCode } from "../command/stack-error.ts";
import { writeLines } from "../command/terminal.ts";
import { checkout, childEnvironment } from "../config.ts";
import { nodeArguments } from "./stack-plan.ts";

/**
 * Gets the model in the foreground; the person sees the progress.
 * @throws StackError with the server's own code: `configuration_invalid` with a line for each setting
 *   that cannot be used, or that of the model. `model_unavailable` when the server gave no code.
 */
export async function prepareModel(
  output: NodeJS.WriteStream,
  interruption: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, nodeArguments("server/main.ts", "--prepare"), {
    cwd: checkout,
    env: childEnvironment(),
    stdio: ["ignore", output, "pipe"],
  });
  const stop = () => child.kill("SIGTERM");
  interruption.addEventListener("abort", stop, { once: true });
  const faults: Fault[] = [];
  // The last source that failed is what the fault is about: it need not be said twice.
  let heldBack: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    const fault = faultIn(line);
    if (fault !== undefined) {
      faults.push(fault);
      return;
    }
    writeLines(process.stderr, heldBack);
    heldBack = line.startsWith("model: failed") ? [line] : [];
    writeLines(process.stderr, heldBack.length === 0 ? [line] : []);
  });
  const end = await new Promise<string>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve(`did not start (${error.code})`));
    // The end of its output, not of the process: what it said last counts most.
    child.once("close", (code, signal) =>
      resolve(code === 0 ? "" : `ended with ${signal ?? code}`),
    );
  });
  interruption.removeEventListener("abort", stop);
  if (faults.length === 0) {
    writeLines(process.stderr, heldBack);
  }
  if (end !== "" && !interruption.aborted) {
    throw errorOf(faults, end);
  }
}

interface Fault {
  readonly code: Extract<StackErrorCode, "configuration_invalid" | `model_${string}`>;
  readonly sentence: string;
}

/** The server ends with a line for each fault: its code, a colon, what was seen and what to do. */
function faultIn(line: string): Fault | undefined {
  const [, code, sentence = ""] = /^(configuration_invalid|model_\w+): (.+)$/.exec(line) ?? [];
  return code === undefined ? undefined : { code: code as Fault["code"], sentence };
}

function errorOf(faults: readonly Fault[], end: string): StackError {
  const [first] = faults;
  if (first === undefined) {
    return new StackError({
      code: "model_unavailable",
      seen: `The model could not be prepared: server/main.ts --prepare ${end}.`,
      action: "The lines above say why. Nothing was started.",
      exitCode: 1,
    });
  }
  if (first.code === "configuration_invalid") {
    return new StackError({
      code: first.code,
      seen: faults.length === 1 ? "A setting cannot be used." : "Settings cannot be used.",
      details: faults.map(({ sentence }) => sentence),
      action: "docs/generated/settings.md lists what each takes. Nothing was started.",
      exitCode: 2,
    });
  }
  return new StackError({
    code: first.code,
    seen: faults.map(({ sentence }) => sentence).join(" "),
    action: "Nothing was started.",
    exitCode: 2,
  });
}
