/** `npm run contract:diff [-- --base GITREF]`: what changed about the contract, and what that touches. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ContractData, contractData, type GeneratedFile, type Service } from "#contract";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  chosenServices,
  loadConfiguration,
  runCommand,
  serviceOptions,
} from "../stack/index.ts";
import { type Base, readBase } from "./contract-diff/base.ts";
import type { Change } from "./contract-diff/change.ts";
import { contractChanges } from "./contract-diff/contract-changes.ts";
import { type GeneratedChange, generatedChanges } from "./contract-diff/generated-changes.ts";
import { type NameUse, usesIn } from "./contract-diff/name-uses.ts";
import { unrecorded } from "./contract-diff/recorded.ts";
import { generateFiles } from "./generate/generate-files.ts";

const options = {
  ...serviceOptions,
  base: { type: "string", value: "GITREF", does: "The commit to compare with (HEAD)." },
  all: { type: "boolean", does: "List everything affected, not only the counts." },
  recorded: {
    type: "boolean",
    does: "Fail only for a breaking change that CHANGELOG.md does not name.",
  },
} as const;

/** Changes of what is generated, unless all are asked for. */
const mostListed = 10;

type Call = CommandCall<typeof options>;

await runCommand({
  name: "npm run contract:diff",
  summary:
    "Compares the contract and its generated files with those of a commit: what changed, whether that is\nbreaking, and which panels, queries, alerts and files are affected.",
  options,
  examples: [["npm run contract:diff -- --base main", "what this branch breaks"]],
  exitCodes: [
    "No change is breaking.",
    "A change is breaking: a query, panel or reader is no longer correct.",
    "It could not run: there is no such commit, or it has no contract.",
  ],
  run: compare,
});

async function compare(call: Call): Promise<CommandResult> {
  const base = call.options.base ?? "HEAD";
  const configuration = await loadConfiguration(call.options);
  const services = await chosenServices(call.options);
  const before = readBase(configuration.folder, base, services);
  const files = await generateFiles(configuration);
  const found = services.flatMap((service) => changesOf(call, service, before));
  const changes = found.map((change) => ({
    ...change,
    touches: touchedBy(change, before.files, files),
  }));
  const generated = generatedChanges(before.files, files, found);
  for (const { subject, what, breaking, touches } of changes) {
    call.say(`${formatVerdict(breaking, call)}  ${subject}: ${what}.`);
    call.say(...touchLines(touches, call).map((line) => `            ${line}`));
  }
  printGenerated(generated, call);
  const breaking = [...changes, ...generated].filter((change) => change.breaking).length;
  call.say(
    changes.length + generated.length === 0
      ? `The contract is that of ${base}, and so is all that is generated from it.`
      : `Since ${base}: ${counted(changes.length, "change")} of the contract, ${counted(generated.length, "change")} of what is generated; ${breaking || "none"} breaking.`,
  );
  const isBreaking = call.options.recorded ? isUnrecorded(changes, call) : breaking > 0;
  return {
    exitCode: isBreaking ? 1 : 0,
    report: { base, breaking: isBreaking, changes, generated },
  };
}

function changesOf(call: Call, { id, name, contract }: Service, { contracts }: Base): Change[] {
  const before = contracts.get(id);
  if (before === undefined) {
    call.say(`${name} is new: ${call.options.base ?? "HEAD"} has no contract of it.`);
    return [];
  }
  // As JSON, which has no undefined members, like the committed file.
  const now = JSON.parse(JSON.stringify(contractData(contract))) as ContractData;
  return contractChanges(before, now);
}

/** What CI asks: a break of the contract is a decision, and whoever reads traces has to know it. */
function isUnrecorded(changes: readonly Change[], call: Call): boolean {
  const missing = unrecorded(changes, readFileSync(join(checkout, "CHANGELOG.md"), "utf8"));
  for (const { subject, namesBefore, namesNow } of missing) {
    const names = (namesBefore.length > 0 ? namesBefore : namesNow).map((name) => `\`${name}\``);
    call.say(
      `Not in CHANGELOG.md: ${subject}. Add a line under "Unreleased" that names ${names.join(", ")}.`,
    );
  }
  return missing.length > 0;
}

function formatVerdict(breaking: boolean, { style }: Call): string {
  return breaking ? style("red", "breaking") : "        ";
}

/** How much of each kind, or everything. */
function touchLines(touches: readonly NameUse[], { options: { all } }: Call): string[] {
  if (all === true || touches.length === 0) {
    return touches.map(({ kind, file, name }) => `${kind}: ${name} (${file})`);
  }
  return [`touches ${formatCounts(touches.map(({ kind }) => kind))}; --all lists them`];
}

/** What did not have to change because of the contract is listed; of the rest it is said how much it is. */
function printGenerated(generated: readonly GeneratedChange[], call: Call): void {
  const { all } = call.options;
  const own = generated.filter(({ follows }) => !follows);
  const listed = all === true ? generated : own.slice(0, mostListed);
  const counts = generated.filter((change) => !listed.includes(change));
  for (const { kind, file, name, what, breaking } of listed) {
    const place = kind === "file" || kind === "saved query" ? "" : ` (${file})`;
    call.say(`${formatVerdict(breaking, call)}  ${kind} ${name}${place}: ${what}.`);
  }
  if (counts.length > 0) {
    const others = listed.length > 0 ? "also generated otherwise" : "generated otherwise";
    const kinds = formatCounts(counts.map(({ kind }) => kind));
    call.say(`          ${others}: ${kinds}; --all lists them`);
  }
}

/** `23 panels, 8 queries`. */
function formatCounts(kinds: readonly string[]): string {
  return [...Map.groupBy(kinds, (kind) => kind)]
    .map(([kind, { length }]) => counted(length, kind))
    .join(", ");
}

function counted(count: number, word: string): string {
  const plural = word.endsWith("query") ? `${word.slice(0, -1)}ies` : `${word}s`;
  return `${count === 0 ? "no" : count} ${count === 1 ? word : plural}`;
}

/** Uses of the old names in the old files and of the new names in the new ones, each once. */
function touchedBy(
  { namesBefore, namesNow }: Change,
  before: readonly GeneratedFile[],
  now: readonly GeneratedFile[],
): NameUse[] {
  const uses = [...findUses(namesBefore, before), ...findUses(namesNow, now)];
  const byPlace = new Map(uses.map((use) => [formatPlace(use), use]));
  return [...byPlace.values()];
}

/** The lines of a file are other ones after a change, so a file counts once. */
function formatPlace({ kind, file, name }: NameUse): string {
  return kind === "file" ? file : `${kind} ${file} ${name}`;
}

/** The contract itself, as a page and as data, has every name. */
function findUses(names: readonly string[], files: readonly GeneratedFile[]): NameUse[] {
  return files
    .filter(({ path }) => !/^docs\/generated\/([^/]+\/)?contract\./.test(path))
    .flatMap((file) => names.flatMap((name) => usesIn(file, name)));
}
