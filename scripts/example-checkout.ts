/** `npm run example:checkout`: a service in Python, with a contract of its own, that sends spans. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  childEnvironment,
  findReceiver,
  namedVariable,
  readStackConfig,
  runCommand,
  StackError,
} from "../stack/index.ts";
import { prepareVirtualEnvironment } from "./example-checkout/virtual-environment.ts";

const options = {
  orders: {
    type: "string",
    value: "N",
    does: "How many orders to send, besides the planted (200).",
  },
  seconds: { type: "string", value: "N", does: "Over how many seconds (60)." },
  serve: { type: "string", value: "PORT", does: "Listen on that port, until Ctrl-C." },
  log: { type: "string", value: "FILE", does: "Append the service's log lines to a file." },
  file: {
    type: "string",
    value: "FILE",
    does: "Another copy of the service (examples/checkout/checkout.py).",
  },
  python: { type: "string", value: "PATH", does: "The Python to use; 3.10 or newer." },
} as const;

const folder = join(checkout, "examples", "checkout");
/** The exit code of a service whose spans did not all arrive. Python's own for what it cannot do is 1. */
const lostSpans = 3;
const endpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

await runCommand({
  name: "npm run example:checkout",
  summary:
    "Runs a small shop in Python with OpenTelemetry's SDK, sends it orders and says what was planted among\n" +
    "them. Its spans go to the running stack, or to OTEL_EXPORTER_OTLP_ENDPOINT (gRPC).",
  options,
  examples: [["npm run example:checkout -- --orders 50 --seconds 10", "a short run"]],
  showsWaiting: false,
  exitCodes: [
    "All orders were sent, or Ctrl-C ended it, and all spans arrived.",
    "Some spans were lost.",
    "It could not run: no stack, no Python 3.10, its packages cannot be installed, or an option is invalid.",
  ],
  run: runExample,
});

async function runExample(call: CommandCall<typeof options>): Promise<CommandResult> {
  const { log, python: given } = call.options;
  const numbers = numberArguments(call);
  const endpoint =
    namedVariable(endpointVariable) ??
    (await findReceiver(
      readStackConfig(),
      `Start one for the example: npm run stack:up -- --no-server --config examples/checkout/miniserve.config.ts. Or set ${endpointVariable}.`,
    ));
  const python = await prepareVirtualEnvironment({
    cacheFolder: join(checkout, "node_modules", ".cache", "example-checkout"),
    requirementsFile: join(folder, "requirements.txt"),
    python: given,
    say: call.say,
  });
  const scratch = mkdtempSync(join(tmpdir(), "miniserve-example-"));
  const reportFile = join(scratch, "report.json");
  try {
    await runService(call, python, endpoint, [
      resolve(call.options.file ?? join(folder, "checkout.py")),
      ...numbers,
      ...(log === undefined ? [] : ["--log", preparePath(log)]),
      ...["--report", reportFile],
    ]);
    const report = JSON.parse(readFileSync(reportFile, "utf8"));
    return { exitCode: report.spans.lost > 0 ? 1 : 0, report };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Also when it is interrupted: the service then sends what it has, and says how many spans arrived. */
async function runService(
  { say }: CommandCall<typeof options>,
  python: string,
  endpoint: string,
  given: readonly string[],
): Promise<void> {
  const service = spawn(python, given, {
    env: childEnvironment({ [endpointVariable]: endpoint }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => service.kill(signal));
  }
  for (const output of [service.stdout, service.stderr]) {
    createInterface({ input: output }).on("line", (line) => say(line));
  }
  const [exitCode, signal] = await once(service, "close");
  if (signal !== null) {
    throw new StackError("interrupted", { signal });
  }
  if (exitCode !== 0 && exitCode !== lostSpans) {
    throw new StackError("example_failed");
  }
}

function preparePath(log: string): string {
  const path = resolve(log);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

function numberArguments({ options: given }: CommandCall<typeof options>): string[] {
  const limits = { orders: 10_000, seconds: 3_600, serve: 65_535 };
  return Object.entries(limits).flatMap(([name, most]) => {
    const text = given[name as keyof typeof limits];
    if (text === undefined) {
      return [];
    }
    if (!/^\d+$/.test(text) || Number(text) > most) {
      throw new StackError("usage_invalid", {
        message: `--${name} is no whole number up to ${most}.`,
        hint: "npm run example:checkout -- --help says what it takes.",
      });
    }
    return [`--${name}`, text];
  });
}
