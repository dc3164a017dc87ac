import type { Contract } from "#contract";
import { StackError } from "../command/stack-error.ts";
import type { PortName, StackConfig } from "../config.ts";
import type { Containers } from "../deployment/compose/run/containers.ts";
import { readState, type StackState } from "../state/read-state.ts";
import { stopStack } from "../state/stop-stack.ts";
import type { SupervisorPlan } from "../supervisor/plan.ts";
import { type FirstTrace, sampleTrace } from "./first-trace.ts";
import { requireFreePorts } from "./free-ports.ts";
import { prepareModel } from "./prepare-model.ts";
import { SupervisorSession } from "./supervisor-session.ts";

export interface Launch {
  readonly contract: Contract;
  readonly config: StackConfig;
  readonly plan: SupervisorPlan;
  /** What runs beside what the supervisor starts. */
  readonly containers: Containers | undefined;
  /** Where the model's progress goes. */
  readonly output: NodeJS.WriteStream;
  readonly say: (line: string) => void;
  /** Aborted when the person wants no more of it. */
  readonly interruption: AbortSignal;
}

/**
 * Starts what the plan says, under a state that has been claimed. Returns the trace of the first
 * request, or undefined without a server. Whatever goes wrong until then, nothing is left running.
 */
export async function launch(launching: Launch): Promise<FirstTrace | undefined> {
  const { config, plan, interruption, containers, say } = launching;
  const { state } = plan;
  let session: SupervisorSession | undefined;
  try {
    // Before the ports are looked at: what this folder's last stack left behind holds them.
    await containers?.clear();
    await requireFreePorts(config, portsOf(state));
    if (state.serverUrl !== null) {
      await prepareModel(launching.output, interruption);
    }
    throwIfInterrupted(interruption);
    await containers?.start(say, { readyLimitMs: plan.readyLimitMs, interruption });
    session = new SupervisorSession(plan);
    const trace = await orInterruption(bringUp(launching, session), interruption);
    await session.adopt();
    return trace;
  } catch (error) {
    if (interruption.aborted && session !== undefined) {
      launching.say("Interrupted; stopping what was started ...");
    }
    await session?.stop();
    await containers
      ?.clear()
      .catch((left: Error) => say(`Containers may be left: ${left.message}`));
    await clearAway(launching);
    throw error;
  }
}

/** A supervisor that was killed has left its children and its state behind. */
async function clearAway({ config, plan, say }: Launch): Promise<void> {
  const left = readState(plan.directory);
  if (left !== undefined && left !== "unreadable" && left.startedAt === plan.state.startedAt) {
    await stopStack(config, left, say);
  }
}

async function bringUp(
  { contract, config, plan, say }: Launch,
  session: SupervisorSession,
): Promise<FirstTrace | undefined> {
  const { serverUrl, tempoUrl } = plan.state;
  if (plan.children.length > 0) {
    say(`Starting ${inWords(plan.children.map(({ name }) => `the ${name}`))} ...`);
  }
  const slow = setInterval(() => say("  still starting ..."), 10_000);
  try {
    await session.untilReady((name, afterMs) =>
      say(`  ${name.padEnd(6)} ready after ${(afterMs / 1000).toFixed(1)} s`),
    );
  } finally {
    clearInterval(slow);
  }
  if (serverUrl === null) {
    return undefined;
  }
  say("Sending one small request ...");
  return await sampleTrace(contract, config, { serverUrl, tempoUrl });
}

const inWords = (words: readonly string[]) =>
  new Intl.ListFormat("en-GB", { type: "conjunction" }).format(words);

function portsOf(state: StackState): PortName[] {
  return [
    "tempo",
    "otlpGrpc",
    "otlpHttp",
    ...(state.viewerUrl === null ? [] : (["grafana"] as const)),
    ...(state.serverUrl === null ? [] : (["server"] as const)),
    ...(state.driver === "compose" ? (["loki", "prometheus", "collectorHealth"] as const) : []),
  ];
}

function throwIfInterrupted(interruption: AbortSignal): void {
  if (interruption.aborted) {
    throw interruption.reason;
  }
}

/** What the work comes to, or the interruption if that is earlier. */
function orInterruption<Result>(work: Promise<Result>, interruption: AbortSignal): Promise<Result> {
  const interrupted = new Promise<never>((_resolve, reject) => {
    interruption.addEventListener("abort", () => reject(interruption.reason), { once: true });
  });
  return Promise.race([work, interrupted]);
}

/** A signal that aborts when the person presses Ctrl-C, closes the terminal or kills the process. */
export function interruptionBySignals(): AbortSignal {
  const controller = new AbortController();
  const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
  for (const [name, number] of Object.entries(numbers)) {
    process.on(name, () =>
      controller.abort(
        new StackError({
          code: "interrupted",
          seen: `Interrupted by ${name}.`,
          action: "Everything that was started is stopped again.",
          exitCode: 128 + number,
        }),
      ),
    );
  }
  return controller.signal;
}
