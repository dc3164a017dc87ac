/** `npm run demo`: a mixed load with planted anomalies, and what the saved queries find of them. */
import {
  type CommandCall,
  type CommandResult,
  checkStack,
  findReceiver,
  findRunningStack,
  findStoreToRead,
  readStackConfig,
  runCommand,
  StackError,
  sendSample,
} from "../stack/index.ts";
import type { Target } from "./demo/client.ts";
import { type Finding, findPlanted, findSoon } from "./demo/findings.ts";
import { OrdinaryLoad } from "./demo/ordinary-load.ts";
import { makeOwnPlants } from "./demo/own-plants.ts";
import { makePlants, type Planted } from "./demo/plant.ts";
import { printFindings, printLinks } from "./demo/print.ts";
import { listServerPlants } from "./demo/server-plants.ts";
import { Words } from "./demo/words.ts";

const options = {
  seconds: {
    type: "string",
    value: "N",
    does: "How long to send ordinary requests (60; up to 3600).",
  },
  clients: { type: "string", value: "N", does: "How many of them at once (2; up to 16)." },
} as const;

const tellsEveryMs = 10_000;

await runCommand({
  name: "npm run demo",
  summary:
    "Sends the running server requests of all kinds, and makes every anomaly that a saved query looks for: with\n" +
    "requests to that server, and to one of its own, which it holds up, overloads and kills. Then it says what the\n" +
    "saved queries found, and where to look. Ctrl-C ends it early, with the same report. For spans of another\n" +
    "service: npm run example:checkout.",
  options,
  examples: [["npm run demo -- --seconds 120", "two minutes"]],
  showsWaiting: false,
  exitCodes: [
    "The saved queries found all that was planted.",
    "Something could not be planted, or was not found.",
    "It could not run: the stack is not running, or an option is invalid.",
  ],
  run: demo,
});

async function demo(call: CommandCall<typeof options>): Promise<CommandResult> {
  const seconds = readCount(call, "seconds", 60, 3_600);
  const clients = readCount(call, "clients", 2, 16);
  const config = readStackConfig();
  const { serverUrl } = await findRunningStack(config, {});
  const { tempoUrl, traceLink } = await findStoreToRead(config, {});
  const otlpUrl = await findReceiver(config, "npm run stack:up starts it.");
  const { apiKey } = config;
  // A server that refuses this one would refuse all.
  await sendSample({ serverUrl, apiKey, route: "/v1/completions", streamed: false, maxTokens: 1 });
  const interrupted = stopOnSignals();
  const target: Target = { serverUrl, apiKey, signal: interrupted };
  const asked = { tempoUrl, startsAt: Math.floor(Date.now() / 1000) };
  call.say(
    `Sending requests to ${serverUrl} for ${seconds} s, and to a server of the demo's own.`,
    "",
  );
  const { planted, requests, refused } = await play(call, {
    ...{ target, asked, otlpUrl, seconds, clients },
  });
  const findings = await findPlanted(asked, planted);
  const { state } = await checkStack(config.directory);
  const notMade = planted.filter(({ reason }) => reason !== "");
  call.say("");
  printFindings(call, findings);
  printLinks(call, { pagesUrl: state?.viewerUrl ?? null, traceLink }, planted, findings);
  const isWhole = notMade.length === 0 && findings.every(isComplete);
  return {
    exitCode: isWhole || interrupted.aborted ? 0 : 1,
    report: {
      requests,
      refused,
      planted,
      queries: findings.map(({ query, planted: wanted, found, others }) => ({
        ...{ id: query.id, planted: wanted, found, others },
      })),
    },
  };
}

function isComplete({ planted, found }: Finding): boolean {
  return found.length === planted.length;
}

const repeatedSignalMs = 1_000;

/** The first signal ends the demo with its report, a later one at once. npm passes on what a terminal has sent. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  let stoppedMs = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (!stop.signal.aborted) {
        stoppedMs = performance.now();
        stop.abort();
      } else if (performance.now() - stoppedMs > repeatedSignalMs) {
        process.exit(2);
      }
    });
  }
  return stop.signal;
}

interface Scene {
  readonly target: Target;
  readonly asked: { readonly tempoUrl: string; readonly startsAt: number };
  readonly otlpUrl: string;
  readonly seconds: number;
  readonly clients: number;
}

/** Ordinary load and both kinds of anomalies at the same time. */
async function play({ say }: CommandCall<typeof options>, scene: Scene) {
  const { asked, otlpUrl, seconds, clients } = scene;
  const lost = new AbortController();
  const signal = AbortSignal.any([scene.target.signal, lost.signal]);
  const target = { ...scene.target, signal };
  const startedMs = performance.now();
  const clock = (): string =>
    `${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  `;
  const planted: Planted[] = [];
  const onPlanted = (one: Planted): void => {
    // What was interrupted is nobody's failure.
    if (one.reason === "" || !signal.aborted) {
      planted.push(one);
      say(`${clock()}${one.what}${one.reason === "" ? "" : `: NOT PLANTED. ${one.reason}`}`);
    }
  };
  const seed = asked.startsAt;
  const load = new OrdinaryLoad(seed);
  const teller = setInterval(
    () => say(`${clock()}${load.done} ordinary requests so far${formatRefused(load)}`),
    tellsEveryMs,
  );
  try {
    await Promise.all([
      load.run(target, { endsAtMs: startedMs + seconds * 1000, clients }).catch((error: Error) => {
        if (!signal.aborted) {
          lost.abort();
          const { serverUrl: server } = target;
          throw new StackError("server_unreachable", { server, reason: error.message });
        }
      }),
      makePlants(listServerPlants(target, new Words(seed + 1)), {
        ...{ server: "stack", signal, onPlanted },
      }),
      makeOwnPlants({
        ...{ otlpUrl, signal, words: new Words(seed + 2), onPlanted },
        findSoon: (queryId, traceIds) => findSoon(asked, queryId, traceIds),
      }),
    ]);
  } finally {
    clearInterval(teller);
  }
  return { planted, requests: load.done, refused: load.refused };
}

function formatRefused({ refused }: OrdinaryLoad): string {
  return refused === 0 ? "" : `, ${refused} of them refused`;
}

function readCount(
  { options: given }: CommandCall<typeof options>,
  name: keyof typeof options,
  usual: number,
  most: number,
): number {
  const text = given[name] ?? String(usual);
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > most) {
    throw new StackError("usage_invalid", {
      message: `--${name} is no whole number from 1 to ${most}.`,
      hint: "npm run demo -- --help says what it takes.",
    });
  }
  return Number(text);
}
