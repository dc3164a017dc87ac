import { constants } from "node:os";
import { parseArgs } from "node:util";
import { visibleText, withoutCredentials } from "#contract";
import { logEvents } from "#miniserve";
import { serverSettings } from "#settings";
import { type Configuration, readConfiguration } from "./config.ts";
import { resolveModel, terminalReport } from "./llama/models/index.ts";
import { createLogging, type Logging, stackFrames } from "./logging/index.ts";
import { keepFilesPrivate, ownPaths, restrictPermissions } from "./private-files.ts";
import { modelOptions, type RunningServer, serve } from "./serve.ts";
import { StartError, toEnding } from "./start-fault.ts";
import { activeSpanIds } from "./tracing/index.ts";

const usage = `miniserve: an OpenAI-compatible server for a GGUF model, with a trace for each request.

  npm start                 serve until SIGTERM or SIGINT
  npm start -- --prepare    only find or download the model, with progress
  npm start -- --help       this text

Examples:
  MINISERVE_PORT=9090 npm start
      on another port

Exit codes: 0 good, 1 failed while running, 2 could not start or find the model, over 128 ended by a signal.

Settings, from the environment (docs/generated/settings.md has more):
${Object.entries(serverSettings)
  .map(([name, { default: value, brief }]) => `  ${name}=${value}\n      ${brief}`)
  .join("\n")}
`;

const loggingDefaults = {
  stdout: true,
  maxFileBytes: Number(serverSettings.MINISERVE_LOG_FILE_BYTES.default),
  // The live one and five that were put aside.
  maxFiles: 6,
  activeSpanIds,
  events: logEvents,
} as const;
/** Behind the limit for requests: the last export and the model may take this long. */
const stopGraceMs = 10_000;

await main();

async function main(): Promise<void> {
  const options = readArguments();
  if (options === undefined) {
    process.exitCode = complain(new StartError("arguments_invalid"));
    return;
  }
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  const result = readConfiguration();
  if ("faults" in result) {
    if (options.prepare) {
      for (const { variable, reason } of result.faults) {
        writeFault("configuration_invalid", `${variable}: ${reason}`);
      }
    } else {
      const logging = createLogging({
        ...loggingDefaults,
        level: "info",
        logFile: undefined,
      });
      for (const fault of result.faults) {
        logging.logFinal(logEvents.configurationInvalid, fault);
      }
    }
    process.exitCode = 2;
    return;
  }
  const { configuration } = result;
  await (options.prepare ? prepare(configuration) : run(configuration));
}

function readArguments(): { prepare: boolean; help: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        prepare: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch {
    return undefined;
  }
}

async function prepare(configuration: Configuration): Promise<void> {
  keepFilesPrivate();
  const { signal, received } = stopSignal();
  try {
    const report = terminalReport(process.stderr);
    await resolveModel(modelOptions(configuration), { ...report, signal });
  } catch (error) {
    process.exitCode = signal.aborted ? 128 + constants.signals[await received] : complain(error);
  }
}

/** Tells it, and returns the exit code. */
function complain(thrown: unknown): number {
  const { fault, exitCode } = toEnding(thrown);
  writeFault(fault.errorType, `${fault.reason} ${fault.action}`);
  return exitCode;
}

/** A name in it may come from a file or from another machine. */
function writeFault(code: string, sentence: string): void {
  process.stderr.write(`${code}: ${withoutCredentials(visibleText(sentence))}\n`);
}

async function run(configuration: Configuration): Promise<void> {
  keepFilesPrivate();
  const { mended, failed } = restrictPermissions(ownPaths(configuration));
  const logging = createLogging({
    ...loggingDefaults,
    level: configuration.MINISERVE_LOG_LEVEL,
    logFile: configuration.MINISERVE_LOG_FILE || undefined,
    fileMode: configuration.MINISERVE_LOG_FILE_MODE,
    maxFileBytes: configuration.MINISERVE_LOG_FILE_BYTES,
  });
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => exitFailed(logging, error));
  }
  if (mended + failed > 0) {
    logging.log(logEvents.filesMadePrivate, { filesMended: mended, filesNotMended: failed });
  }
  const stopping = stopSignal();
  try {
    const server = await serve(configuration, logging, stopping.signal);
    const signal = await stopping.received;
    await stop(server, logging, signal, configuration.MINISERVE_SHUTDOWN_LIMIT_MS);
  } catch (error) {
    if (!stopping.signal.aborted) {
      exitFailed(logging, error);
    }
    // Stopped while it started: nothing runs yet that would have to end.
    await logging.close();
    process.exit(0);
  }
}

type StopSignal = "SIGTERM" | "SIGINT";

/** The first signal to stop, as an abort signal for what can be interrupted, and as a promise. */
function stopSignal(): { signal: AbortSignal; received: Promise<StopSignal> } {
  const controller = new AbortController();
  const received = new Promise<StopSignal>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) {
      process.once(name, () => {
        controller.abort(new Error(`Stopped by ${name}.`));
        resolve(name);
      });
    }
  });
  return { signal: controller.signal, received };
}

async function stop(
  server: RunningServer,
  logging: Logging,
  signal: StopSignal,
  limitMs: number,
): Promise<void> {
  const startedAt = performance.now();
  logging.log(logEvents.serverStopping, { signal, requestsRunning: server.requestsRunning });
  // Native code may hang where JavaScript cannot reach it; the process ends all the same.
  setTimeout(() => {
    exitFailed(logging, new StartError("stop_unfinished"));
  }, limitMs + stopGraceMs).unref();
  try {
    await server.stop();
    const durationMs = Math.round(performance.now() - startedAt);
    logging.log(logEvents.serverStopped, { durationMs });
    await logging.close();
    process.exit(0);
  } catch (error) {
    exitFailed(logging, error);
  }
}

/** The last line that this process writes; it is on disk before the process ends. */
function exitFailed(logging: Logging, error: unknown): never {
  const { fault, exitCode } = toEnding(error);
  logging.logFinal(logEvents.serverFailed, {
    ...fault,
    exceptionType: error instanceof Error ? error.constructor.name : typeof error,
    stackFrames: stackFrames(error),
  });
  process.exit(exitCode);
}
