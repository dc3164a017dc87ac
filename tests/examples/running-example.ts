/** For tests: the example's Python service, run as a person runs it, and what it says it planted. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const checkout = join(import.meta.dirname, "..", "..");

export interface ExampleReport {
  readonly results: Readonly<Record<string, number>>;
  readonly spans: { readonly sent: number; readonly lost: number };
  readonly planted: readonly {
    readonly what: string;
    readonly cart: { readonly cart: string };
    readonly found_by: readonly string[];
  }[];
}

export interface ExampleRun {
  /** Why it could not run on this machine; false where it did. */
  readonly skip: string | false;
  readonly exitCode: number | null;
  readonly report: ExampleReport;
  /** All that it said. */
  readonly output: string;
}

interface ExampleOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What it is sent a signal to stop after. */
  readonly interruptAfter?: RegExp;
}

/** What a machine may lack, and why a test is then skipped. */
const missing = new Set(["python_missing", "python_packages_failed"]);

/** @param given the command's arguments. */
export async function runExample(
  given: readonly string[],
  { environment = {}, interruptAfter }: ExampleOptions,
): Promise<ExampleRun> {
  const command = join(checkout, "scripts", "example-checkout.ts");
  const child = spawn(process.execPath, [command, "--json", ...given], {
    cwd: checkout,
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let isInterrupted = false;
  child.stderr.on("data", (chunk) => {
    output += chunk;
    if (!isInterrupted && interruptAfter?.test(output) === true) {
      isInterrupted = child.kill("SIGINT");
    }
  });
  const [json, exitCode] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    }),
  ]);
  const { error, ...report } = JSON.parse(json === "" ? "{}" : json);
  return {
    skip: missing.has(error?.code) ? `the example cannot run here: ${output}` : false,
    exitCode,
    report,
    output,
  };
}
