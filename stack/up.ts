import { getServiceName } from "#contract";
import { miniserve } from "#miniserve";
import { type CommandCall, type CommandResult, runCommand } from "./command/command.ts";
import { StackError } from "./command/stack-error.ts";
import { readStackConfig, type StackConfig, sharedPortFaults, useConfiguration } from "./config.ts";
import { partLines } from "./deployment/compose/parts/part-lines.ts";
import { waitForProvisioning } from "./deployment/compose/parts/wait-for-provisioning.ts";
import { Containers } from "./deployment/compose/run/containers.ts";
import { findEngine, hasImages } from "./deployment/compose/run/engine.ts";
import { getReadyUrls } from "./deployment/compose/run/project.ts";
import { claimStack } from "./launch/claim-stack.ts";
import { dashboardLines, type FirstTrace } from "./launch/first-trace.ts";
import { interruptionBySignals, launch } from "./launch/launch.ts";
import { addressLines, firstTraceLines, healthLines, nextLines } from "./launch/report.ts";
import { serverBesideContainers, stackPlan } from "./launch/stack-plan.ts";
import { keepFilesPrivate } from "./private-files.ts";
import { chosenServices, serviceOptions } from "./services.ts";
import { checkStack, type StackHealth } from "./state/health.ts";
import { changedSettings, type StackState } from "./state/stack-state.ts";

const options = {
  config: serviceOptions.config,
  driver: {
    type: "string",
    value: "auto|embedded|compose",
    does: "What the stack runs as. auto, the default, is embedded; compose uses containers.",
  },
  "no-server": { type: "boolean", does: "Do not start the server." },
  "no-viewer": {
    type: "boolean",
    does: "Do not start the viewer, for example to use its port for Grafana.",
  },
  wait: {
    type: "string",
    value: "SECONDS",
    does: "Time limit until everything is ready (120).",
  },
} as const;

await runCommand({
  name: "npm run stack:up",
  summary:
    "Gets the model, starts the trace store, the server and the dashboard viewer in the background,\nwaits until they are ready, sends a small request and checks its trace.",
  options,
  examples: [["npm run stack:up -- --no-server", "for services of your own"]],
  showsWaiting: false,
  exitCodes: [
    "The stack runs and its first trace is valid, or it was already running.",
    "The start failed and nothing is left running, or the first trace breaks the contract.",
    "Invalid options or settings, no model, a port in use or another stack:up: nothing was started.",
  ],
  run: up,
});

async function up(call: CommandCall<typeof options>): Promise<CommandResult> {
  keepFilesPrivate();
  const driver = parseDriver(call.options);
  if (call.options.config !== undefined) {
    useConfiguration(call.options.config);
  }
  const config = readStackConfig();
  const withServer = await isServerWanted(call);
  const interruption = interruptionBySignals();
  const planOptions = {
    withServer,
    withViewer: call.options["no-viewer"] !== true,
    readyLimitMs: readyLimitMs(call.options.wait),
  };
  const containers = driver === "compose" ? await findContainers(config) : undefined;
  const engine = driver === "auto" ? findEngine() : undefined;
  const plan =
    containers === undefined
      ? stackPlan(config, planOptions)
      : serverBesideContainers(config, { ...planOptions, parts: getReadyUrls(config) });
  const running = await claimStack(config, plan.state, call.say);
  if (running !== undefined) {
    return await printRunning(call, config, running);
  }
  if (config.exportVariable !== undefined && plan.state.serverUrl !== null) {
    call.say(`${config.exportVariable} is set: the server sends its spans there.`);
  }
  const trace = await launch({
    contract: miniserve,
    config,
    plan,
    containers,
    output: call.options.json === true ? process.stderr : process.stdout,
    say: call.say,
    interruption,
  });
  const result = await printStarted(call, config, trace);
  const found = await engine;
  if (found !== undefined) {
    const images = (await hasImages(found))
      ? "its images are there"
      : "it fetches its images first";
    call.say(
      `${found.command} answers: npm run stack:down, then stack:up -- --driver compose, makes the stack of Tempo and Grafana; ${images}.`,
    );
  }
  return result;
}

/** @throws StackError `configuration_invalid` or `driver_unavailable`. */
async function findContainers(config: StackConfig): Promise<Containers> {
  const details = sharedPortFaults(config.ports);
  if (details.length > 0) {
    throw new StackError("configuration_invalid", { details });
  }
  return await Containers.find(config);
}

/** The server comes with this project; a configuration of other services has none to start. */
async function isServerWanted({
  options: given,
  say,
}: CommandCall<typeof options>): Promise<boolean> {
  const services = await chosenServices();
  const hasServer = services.some(({ name }) => name === getServiceName(miniserve));
  if (!hasServer && given["no-server"] !== true) {
    say(
      `The configuration has no ${getServiceName(miniserve)}: its server is not started. Send spans of ${services.map(({ name }) => name).join(", ")}.`,
    );
  }
  return hasServer && given["no-server"] !== true;
}

type Driver = "auto" | "embedded" | "compose";

/** @throws StackError `usage_invalid`. */
function parseDriver(given: CommandCall<typeof options>["options"]): Driver {
  const { driver = "auto" } = given;
  if (driver !== "auto" && driver !== "embedded" && driver !== "compose") {
    throw unusable("There is no such driver.", "--driver takes auto, embedded or compose.");
  }
  if (driver === "compose" && given["no-viewer"] === true) {
    throw unusable(
      "--no-viewer is for the embedded stack.",
      "In containers Grafana shows the dashboards. Leave it out.",
    );
  }
  return driver;
}

function unusable(message: string, hint: string): StackError {
  return new StackError("usage_invalid", { message, hint });
}

function readyLimitMs(wait = "120"): number {
  const seconds = Number(wait);
  if (!(seconds > 0 && seconds <= 86_400)) {
    throw unusable(
      "--wait is not a number of seconds.",
      "Give it a number above 0, for example --wait 300.",
    );
  }
  return seconds * 1000;
}

async function printStarted(
  call: CommandCall<typeof options>,
  config: StackConfig,
  trace: FirstTrace | undefined,
): Promise<CommandResult> {
  const { say, style } = call;
  const health = await checkStack(config.directory);
  const parts = health.state === null ? undefined : await waitForProvisioning(health.state);
  if (health.state !== null) {
    say("");
    say(style("bold", "The stack runs."));
    say(...addressLines(config, health, style));
    say(...(parts === undefined ? [] : partLines(parts, style)));
    say(...healthLines(health, style));
    if (trace !== undefined) {
      say("");
      say(...firstTraceLines(miniserve, trace, call));
    }
    say("");
    say(...nextLines(config, health.state, trace?.traceId));
    say(...(await dashboardLines(health.state, style)));
  }
  const violations = trace?.violations ?? [];
  const isGood = health.condition === "good" && (parts?.problems ?? []).length === 0;
  return {
    exitCode: isGood && violations.length === 0 ? 0 : 1,
    report: {
      ...createReport(health, "started"),
      containers: parts ?? null,
      firstTrace: trace === undefined ? null : { traceId: trace.traceId, violations },
    },
  };
}

/** A second `stack:up` is no mistake, unless it asks for what does not run. */
async function printRunning(
  { options: chosen, say, style }: CommandCall<typeof options>,
  config: StackConfig,
  running: StackState,
): Promise<CommandResult> {
  requireDriver(running, chosen);
  requireParts(running, chosen);
  const changed = changedSettings(running, config.settings);
  if (changed.length > 0) {
    throw new StackError("running_differently", {
      difference: "with other settings",
      wanted: "these settings",
      details: changed.map((variable) => `${variable} is not what it was then.`),
    });
  }
  const health = await checkStack(config.directory);
  say(style("bold", "The stack runs already."));
  say(...addressLines(config, health, style));
  say(...healthLines(health, style));
  say(...(await dashboardLines(running, style)));
  return {
    exitCode: health.condition === "good" ? 0 : 1,
    report: createReport(health, "ran already"),
  };
}

/** auto is content with whichever runs. */
function requireDriver(
  { driver }: StackState,
  chosen: CommandCall<typeof options>["options"],
): void {
  const wanted = parseDriver(chosen);
  if (wanted !== "auto" && wanted !== driver) {
    throw new StackError("running_differently", {
      difference: `with the driver ${driver}`,
      wanted: `--driver ${wanted}`,
    });
  }
}

function requireParts(
  { serverUrl, viewerUrl }: StackState,
  chosen: CommandCall<typeof options>["options"],
): void {
  const missing = [
    ...(chosen["no-server"] !== true && serverUrl === null ? ["the server"] : []),
    ...(chosen["no-viewer"] !== true && viewerUrl === null ? ["the viewer"] : []),
  ].join(" and ");
  if (missing !== "") {
    throw new StackError("running_differently", {
      difference: `without ${missing}`,
      wanted: missing,
    });
  }
}

function createReport(health: StackHealth, result: "started" | "ran already") {
  return { result, ...health };
}
