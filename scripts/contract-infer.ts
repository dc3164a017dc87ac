/** `npm run contract:infer -- --service NAME`: a first contract of a service that runs already. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { counted } from "#contract";
import { type InferredContract, inferContract, proposeChanges, writeContract } from "#infer";
import {
  type CommandCall,
  type CommandResult,
  findTempo,
  listServices,
  loadContract,
  readStackConfig,
  recentTraces,
  runCommand,
  StackError,
} from "../stack/index.ts";
import { contractFileName, formatProposal, missingService } from "./contract-infer/told.ts";
import { parseCount, rangeUntilNow } from "./query/arguments.ts";

const options = {
  service: { type: "string", value: "NAME", does: "The service.name of its spans." },
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
  since: { type: "string", value: "DURATION", does: "How far back: 30m, 6h, 2d (24h)." },
  traces: { type: "string", value: "N", does: "Maximum number of traces (500)." },
  out: { type: "string", value: "FILE", does: "The file to write (SERVICE.contract.ts)." },
  force: { type: "boolean", does: "Write over a file that is there." },
} as const;

type Call = CommandCall<typeof options>;

/** Into how many parts the time is split, so that a busy minute does not stand for a day. */
const parts = 12;
/** How often it is told how far it is. */
const toldEvery = 100;

await runCommand({
  name: "npm run contract:infer",
  summary:
    "Writes a contract of a service from its traces in the running stack or any Tempo. If the file is there\n" +
    "already, its contract is compared with the traces, and only what it lacks is shown.",
  options,
  examples: [
    [
      "npm run contract:infer -- --service checkout --out checkout.contract.ts",
      "a contract of the last hour's traces",
    ],
  ],
  exitCodes: [
    "The file was written, or its contract accepts the traces.",
    "The file is there and lacks something, or the service has no traces.",
    "It could not run: the store does not answer, the file cannot be read, or an option is invalid.",
  ],
  run: infer,
});

async function infer(call: Call): Promise<CommandResult> {
  const { since = "24h", traces: limit = "500", tempo, service } = call.options;
  const range = rangeUntilNow(since);
  const count = parseCount(limit, "--traces");
  const { url, authorization } = await findTempo(readStackConfig(), tempo);
  const asked = { ...range, authorization };
  if (service === undefined) {
    throw new StackError("usage_invalid", {
      message: "No service was named.",
      hint: `--service NAME; the store has ${await namesInWords(url, asked)}.`,
    });
  }
  const file = resolve(call.options.out ?? contractFileName(service));
  const traces = [];
  const sinceMs = (range.end - range.start) * 1000;
  const onProgress = ({ read, found }: { readonly read: number; readonly found: number }) => {
    if (read % toldEvery === 0 && read < found) {
      call.say(`${read} of ${found} traces are read.`);
    }
  };
  const question = { service, sinceMs, limit: count, parts, authorization, onProgress };
  for await (const trace of recentTraces(url, question)) {
    traces.push(trace);
  }
  if (traces.length === 0) {
    throw missingService({ service, since, known: await listServices(url, asked) });
  }
  const inferred = inferContract(service, traces);
  if (inferred === undefined) {
    throw new StackError("requests_missing", { service, count: traces.length });
  }
  const shown = relative(process.cwd(), file);
  call.say(...inferred.findings.map((finding) => `${call.style("yellow", "!")} ${finding}`));
  if (existsSync(file) && call.options.force !== true) {
    return await compare(call, { file, shown, inferred });
  }
  write(file, writeContract(inferred, { source: `the last ${since}` }));
  call.say(
    `${shown} has the contract of ${service}, from ${inferred.traces.length} traces: ${countedParts(inferred)}.`,
    "Correct it, name it in miniserve.config.ts, then npm run generate makes its dashboards, queries and alerts.",
  );
  return { exitCode: 0, report: { file, ...summary(inferred), proposals: [] } };
}

async function namesInWords(
  url: string,
  asked: Parameters<typeof listServices>[1],
): Promise<string> {
  const names = await listServices(url, asked);
  return names.length === 0 ? "no spans" : names.join(", ");
}

interface Compared {
  readonly file: string;
  readonly shown: string;
  readonly inferred: InferredContract;
}

async function compare(
  { say, style }: Call,
  { file, shown, inferred }: Compared,
): Promise<CommandResult> {
  const proposals = proposeChanges(await loadContract(file), inferred);
  say(...proposals.flatMap((proposal) => formatProposal(proposal, style)));
  say(
    proposals.length === 0
      ? `${shown} accepts ${inferred.traces.length} traces: nothing is to be added.`
      : `${shown} is unchanged. --out FILE writes what is inferred beside it, --force over it.`,
  );
  return {
    exitCode: proposals.length === 0 ? 0 : 1,
    report: { file, ...summary(inferred), proposals },
  };
}

function summary({ traces, contract, findings }: InferredContract) {
  return {
    traces: traces.length,
    spans: Object.keys(contract.spans).length,
    attributes: Object.keys(contract.attributes).length,
    findings,
  };
}

function countedParts(inferred: InferredContract): string {
  const { spans, attributes } = summary(inferred);
  return `${counted(spans, "span")}, ${counted(attributes, "attribute")}`;
}

function write(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) {
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
