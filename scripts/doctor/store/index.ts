import { getServerLog } from "../../../stack/index.ts";
import { type Check, type CheckGroup, fine, skipped } from "../check.ts";
import { type AskedStore, isHad, type Subject } from "../subject.ts";
import { attributesCheck } from "./attributes.ts";
import { clockCheck } from "./clocks.ts";
import { contractCheck } from "./contract.ts";
import { ingestCheck } from "./ingest.ts";
import { keptCheck } from "./kept.ts";
import { logLinesCheck } from "./log-lines.ts";
import { orphansCheck } from "./orphans.ts";
import { readSamples, type ServiceSample } from "./samples.ts";
import { servicesCheck } from "./services.ts";

/** The store of traces, and what is in it. */
export function storeGroup(subject: Subject): CheckGroup {
  const { store } = subject;
  const title = "The store and its traces";
  return isHad(store)
    ? { title, checks: [answersCheck(subject), ...storeChecks(subject, store)] }
    : { title, checks: [answersCheck(subject)] };
}

function answersCheck({ store, config }: Subject): Check {
  return {
    name: "Store",
    why: "Without it no trace is kept or found.",
    look: () => {
      if (store === undefined) {
        const why = isHad(config) ? "no stack runs" : "the settings are invalid";
        return skipped(`${why}; --tempo URL names another store.`);
      }
      return isHad(store) ? fine(`${store.tempoUrl} answers.`) : store;
    },
  };
}

function storeChecks(subject: Subject, store: AskedStore): Check[] {
  const { config, services, options, since, sinceSeconds, health } = subject;
  const configured = isHad(services) ? services : [];
  const samples = once(() =>
    readSamples(store, { configured: configured.map(({ name }) => name), sinceSeconds }),
  );
  const state = options.tempo === undefined ? (health?.state ?? null) : null;
  const isEmbedded = state?.driver === "embedded";
  const started = state === null || !isEmbedded ? undefined : storeStartedMs(subject);
  const logFile = findLog(subject);
  return [
    ...(isEmbedded ? [ingestCheck(store.tempoUrl)] : []),
    ...(isEmbedded && isHad(config) ? [keptCheck(config)] : []),
    servicesCheck({
      samples,
      configured,
      since,
      receiver: state?.otlpGrpcUrl ?? "the receiver of that store",
      hasServer: state === null || state.serverUrl !== null,
      store,
    }),
    clockCheck(store, samples, started),
    orphansCheck(store, samples, configured),
    contractCheck(store, samples, configured),
    attributesCheck(store, samples),
    ...(logFile === undefined ? [] : [logLinesCheck(logFile, store, sinceSeconds)]),
  ];
}

/** The log of the running stack's server; of another store only where both are named. */
function findLog({ config, hasServer, options }: Subject): string | undefined {
  const { "log-file": given, tempo } = options;
  const isOwn = tempo === undefined && hasServer && isHad(config);
  return given ?? (isOwn ? getServerLog(config) : undefined);
}

function storeStartedMs({ health }: Subject): number | undefined {
  const startedAt = health?.state?.children.find(({ name }) => name === "store")?.startedAt;
  return startedAt == null ? undefined : Date.parse(startedAt);
}

/** Asks the store once, for all checks that look at the same traces. */
function once(read: () => Promise<readonly ServiceSample[]>) {
  let reading: Promise<readonly ServiceSample[]> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}
