/** `npm run contract:check`: whether a running system still keeps its contract. */
import { relative } from "node:path";
import { type Service, visibleJson } from "#contract";
import {
  type CommandCall,
  type CommandResult,
  chosenServices,
  findConfiguration,
  findStoreToRead,
  readStackConfig,
  runCommand,
  serviceOptions,
} from "../stack/index.ts";
import { createCheckSarif } from "./contract-check/check-sarif.ts";
import { checkService, type ServiceCheck } from "./contract-check/check-service.ts";
import { findingLines, listFindings, noTracesLines, summaryLine } from "./contract-check/lines.ts";
import type { SampleRequest } from "./contract-check/read-sample.ts";
import { watchChanges } from "./contract-check/watch.ts";
import { parseCount, parseSeconds, unusable } from "./query/arguments.ts";

const options = {
  ...serviceOptions,
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
  grafana: {
    type: "string",
    value: "URL",
    does: "Where links to traces lead, if not to the running stack's page.",
  },
  since: {
    type: "string",
    value: "DURATION",
    does: "How far back: 30m, 6h, 2d (1h; 5m to watch).",
  },
  sample: {
    type: "string",
    value: "N",
    does: "Traces to judge at most, from the whole time (200).",
  },
  strict: { type: "boolean", does: "Fail also for names that nobody sends any more." },
  sarif: { type: "boolean", does: "Print the result as SARIF, for code scanning." },
  watch: { type: "boolean", does: "Look again and again, and print what changes, until Ctrl-C." },
  every: { type: "string", value: "DURATION", does: "With --watch: how often to look (30s)." },
} as const;

type Call = CommandCall<typeof options>;

await runCommand({
  name: "npm run contract:check",
  summary:
    "Judges recent traces of a running system by the contract: what breaks it and how often, names that no\ncontract has, and names that dashboards, saved queries and alerts ask for and nobody sends any more.",
  options,
  examples: [
    ["npm run contract:check -- --since 1d --json", "the last day, for a program"],
    ["npm run contract:check -- --watch", "until Ctrl-C"],
  ],
  // Between two rounds there is nothing to wait for.
  ...(process.argv.includes("--watch") ? { showsWaiting: false as const } : {}),
  exitCodes: [
    "The traces are as contracted.",
    "Something breaks the contract, or there are no traces to judge.",
    "It could not run: the store does not answer, or an option or setting is invalid.",
  ],
  run: check,
});

async function check(call: Call): Promise<CommandResult> {
  checkTogether(call);
  const { watch, sarif, strict, since = watch === true ? "5m" : "1h" } = call.options;
  const sinceMs = parseSeconds(since) * 1000;
  const sample = parseCount(call.options.sample ?? "200", "--sample");
  const everyMs = parseSeconds(call.options.every ?? "30s", "--every") * 1000;
  const services = await chosenServices(call.options);
  const store = await findStoreToRead(readStackConfig(), call.options);
  const request = { store, sinceMs, sample };
  const look = (isPatient: boolean) => checkAll(services, request, isPatient);
  const isWrong = ({ result, goneNames }: ServiceCheck) =>
    result !== "kept" || (strict === true && goneNames.length > 0);
  if (watch === true) {
    const last = await watchChanges({ call, store, since, everyMs, look: () => look(false) });
    return { exitCode: last.some(isWrong) ? 1 : 0 };
  }
  const checks = await look(true);
  if (sarif === true) {
    const place = relative(process.cwd(), findConfiguration(call.options));
    const document = visibleJson(createCheckSarif(checks, { store, place }));
    return { exitCode: checks.some(isWrong) ? 1 : 0, document: `${document}\n` };
  }
  print(call, checks, request, since);
  return {
    exitCode: checks.some(isWrong) ? 1 : 0,
    report: { since, sample, tempoUrl: store.tempoUrl, services: checks },
  };
}

function checkTogether({ options: given }: Call): void {
  if (given.watch === true && (given.json === true || given.sarif === true)) {
    throw unusable("--watch prints for people.", "Leave --json and --sarif out.");
  }
  if (given.every !== undefined && given.watch !== true) {
    throw unusable("--every is for --watch.", "Add --watch, or leave it out.");
  }
  if (given.json === true && given.sarif === true) {
    throw unusable("--json and --sarif are two forms.", "Choose one.");
  }
}

async function checkAll(
  services: readonly Service[],
  request: SampleRequest,
  isPatient: boolean,
): Promise<ServiceCheck[]> {
  const checks: ServiceCheck[] = [];
  for (const service of services) {
    checks.push(await checkService(service, request, { isPatient }));
  }
  return checks;
}

function print(
  call: Call,
  checks: readonly ServiceCheck[],
  { store }: SampleRequest,
  since: string,
): void {
  for (const one of checks) {
    const findings = listFindings(one, store, Date.now());
    const colour = one.result === "kept" ? "green" : "red";
    call.say(call.style(colour, summaryLine(one, since)), ...noTracesLines(one));
    call.say(...findings.flatMap((finding) => ["", ...findingLines(finding, call)]));
  }
}
