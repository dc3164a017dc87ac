/** `npm run contract:diff [-- --base GITREF]`: what changed about the contract, and what that touches. */
import { type ContractData, contractData, type GeneratedFile, miniserve } from "#contract";
import { type CommandCall, type CommandResult, checkout, runCommand } from "../stack/index.ts";
import { readBase } from "./contract-diff/base.ts";
import type { Change } from "./contract-diff/change.ts";
import { contractChanges } from "./contract-diff/contract-changes.ts";
import { type NameUse, usesIn } from "./contract-diff/name-uses.ts";
import { generateAll } from "./generate/compare.ts";
import { generators } from "./generate/generators.ts";

const options = {
  base: { type: "string", value: "GITREF", does: "The commit to compare with (HEAD)." },
} as const;

await runCommand({
  name: "npm run contract:diff",
  summary:
    "Compares the contract as it is with a commit's: what changed, whether that breaks what was right\nbefore, and which panels, queries, alerts and files it touches.",
  options,
  exitCodes: [
    "Nothing that changed breaks anything.",
    "Something breaks: a query, panel or reader that was right before is not any more.",
    "It could not run: there is no such commit, or it has no contract.",
  ],
  run: compare,
});

async function compare(call: CommandCall<typeof options>): Promise<CommandResult> {
  const base = call.options.base ?? "HEAD";
  const before = readBase(checkout, base);
  // As JSON, which has no undefined members, like the committed file.
  const now = JSON.parse(JSON.stringify(contractData(miniserve))) as ContractData;
  const files = generateAll(generators, miniserve);
  const changes = contractChanges(before.contract, now).map((change) => ({
    ...change,
    touches: touchedBy(change, before.files, files),
  }));
  const breaking = changes.filter((change) => change.breaking).length;
  for (const { subject, what, breaking: breaks, touches } of changes) {
    const verdict = breaks ? call.style("red", "breaking") : "        ";
    call.say(`${verdict}  ${subject}: ${what}.`);
    call.say(...touches.map(({ kind, file, name }) => `            ${kind}: ${name} (${file})`));
  }
  call.say(
    changes.length === 0
      ? `The contract is that of ${base}.`
      : `${changes.length} ${changes.length === 1 ? "change" : "changes"} since ${base}, ${breaking || "none"} breaking.`,
  );
  return { exitCode: breaking === 0 ? 0 : 1, report: { base, breaking: breaking > 0, changes } };
}

/** Uses of the old names in the old files and of the new names in the new ones, each once. */
function touchedBy(
  { namesBefore, namesNow }: Change,
  before: readonly GeneratedFile[],
  now: readonly GeneratedFile[],
): NameUse[] {
  const uses = [...usesOf(namesBefore, before), ...usesOf(namesNow, now)];
  const byPlace = new Map(uses.map((use) => [placeOf(use), use]));
  return [...byPlace.values()];
}

/** The lines of a file are other ones after a change, so a file counts once. */
function placeOf({ kind, file, name }: NameUse): string {
  return kind === "file" ? file : `${kind} ${file} ${name}`;
}

/** The contract itself, as a page and as data, has every name. */
function usesOf(names: readonly string[], files: readonly GeneratedFile[]): NameUse[] {
  return files
    .filter(({ path }) => !path.startsWith("docs/generated/contract."))
    .flatMap((file) => names.flatMap((name) => usesIn(file, name)));
}
