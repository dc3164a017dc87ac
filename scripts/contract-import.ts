/** `npm run contract:import -- --weaver DIR`: a contract of what a Weaver registry declares. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ContractSource, DefinitionError, writeContract } from "#contract";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  runCommand,
  StackError,
} from "../stack/index.ts";
import { readFolder } from "./weaver/import/read-folder.ts";
import { findEntityFacts } from "./weaver/import/resource-source.ts";
import { type ImportedContract, toContract } from "./weaver/import/to-contract.ts";

const options = {
  weaver: { type: "string", value: "DIR", does: "The folder of the registry. Required." },
  service: { type: "string", value: "NAME", does: "The service, if the registry does not say it." },
  root: {
    type: "string",
    multiple: true,
    value: "SPAN",
    does: "A span without a parent (those of kind server and consumer). Repeatable.",
  },
  dependency: {
    type: "string",
    multiple: true,
    value: "DIR",
    does: "A registry that this one refers to, such as OpenTelemetry's. Repeatable.",
  },
  out: { type: "string", value: "FILE", does: "The file to write (contracts/NAME.ts)." },
} as const;

/** Names of one reason that are listed. */
const mostListed = 8;

type Call = CommandCall<typeof options>;

await runCommand({
  name: "npm run contract:import",
  summary:
    "Writes a contract of what a registry of OpenTelemetry Weaver declares, and lists what does not fit\ninto one.",
  options,
  examples: [
    [
      "npm run contract:import -- --weaver model --service checkout",
      "a contract of a registry's folder",
    ],
  ],
  exitCodes: [
    "The contract was written.",
    "It was written, and contradicts itself: each fault is listed.",
    "The registry cannot be read: each fault is listed with its file and line. Or the file is there.",
  ],
  run: importRegistry,
});

async function importRegistry(call: Call): Promise<CommandResult> {
  const { weaver, root = [], dependency = [] } = call.options;
  if (weaver === undefined) {
    throw invalid(
      "No registry was named.",
      "For example: npm run contract:import -- --weaver model",
    );
  }
  for (const folder of [weaver, ...dependency]) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw invalid(`There is no folder ${folder}.`, "A registry is a folder with YAML files.");
    }
  }
  const { registry, files, faults, missing } = readFolder(weaver, dependency);
  if (faults.length > 0) {
    throw new StackError("registry_invalid", {
      message: `The Weaver registry in ${weaver} cannot be read: ${faults.length} faults.`,
      details: faults,
      ...(missing.length === 0
        ? {}
        : {
            hint: `It depends on ${missing.join(", ")}, which is not here: name its folder with --dependency.`,
          }),
    });
  }
  const facts = findEntityFacts(registry);
  const service = call.options.service ?? facts?.defaults["service.name"];
  if (service === undefined) {
    throw invalid("The registry does not say what the service is called.", "Add --service NAME.");
  }
  const imported = toContract(registry, {
    from: `the Weaver registry in ${weaver}`,
    service,
    roots: root,
  });
  checkRoots(imported);
  // The registry may be a stranger's: its words lead to no other folder.
  const out = call.options.out ?? join("contracts", `${service.replaceAll(/[^\w.-]/g, "-")}.ts`);
  const contradictions = await findContradictions(imported.source);
  write(out, writeContract(imported.source));
  const unread = [...registry.unread].map(([what, count]) => ({ what, count }));
  print(call, imported, { out, files: files.length, unread });
  call.say(...contradictions.map((fault) => `To correct in ${out}: ${fault}.`));
  return {
    exitCode: contradictions.length === 0 ? 0 : 1,
    report: {
      file: out,
      ...countParts(imported.source),
      left: imported.losses,
      unread,
      contradictions,
    },
  };
}

function invalid(message: string, hint: string): StackError {
  return new StackError("usage_invalid", { message, hint });
}

/** A contract needs a root, and the registry may not say which span that is. */
function checkRoots({ source, roots }: ImportedContract): void {
  const names = Object.values(source.spans).map(({ name }) => name);
  const unknown = roots.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw invalid(`The registry has no span ${unknown}.`, `It has ${names.join(", ") || "none"}.`);
  }
  if (names.length === 0) {
    throw invalid(
      "The registry has no span.",
      "A contract declares the spans of a request: add one.",
    );
  }
  if (roots.length === 0) {
    throw invalid(
      "The registry does not say which span is the root: none is of kind server or consumer.",
      `Add --root with one of ${names.join(", ")}.`,
    );
  }
}

function write(file: string, text: string): void {
  if (existsSync(file)) {
    throw invalid(`${file} is there already.`, "Remove it, or name another one with --out.");
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A registry may say what no contract can, such as two metrics with one name in Prometheus. */
async function findContradictions(source: ContractSource): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "miniserve-import-"));
  try {
    const file = join(folder, "contract.ts");
    writeFileSync(file, writeContract(source, { from: join(checkout, "contract", "index.ts") }));
    await import(pathToFileURL(file).href);
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) {
      return error.issues;
    }
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countParts(source: ContractSource) {
  return {
    attributes: Object.keys(source.attributes).length,
    spans: Object.keys(source.spans).length,
    metrics: Object.keys(source.metrics ?? {}).length,
    logEvents: Object.keys(source.logEvents ?? {}).length,
  };
}

interface Written {
  readonly out: string;
  readonly files: number;
  readonly unread: readonly { readonly what: string; readonly count: number }[];
}

function print(call: Call, { source, losses }: ImportedContract, { out, files, unread }: Written) {
  const { attributes, spans, metrics, logEvents } = countParts(source);
  call.say(
    `${out}: ${attributes} attributes, ${spans} spans, ${metrics} metrics and ${logEvents} log lines, from ${files} files.`,
  );
  for (const { reason, of } of losses) {
    const listed = of.slice(0, mostListed).join(", ");
    const others = of.length > mostListed ? ` and ${of.length - mostListed} others` : "";
    call.say(`${reason}: ${listed}${others}.`);
  }
  if (unread.length > 0) {
    const counts = unread.map(({ what, count }) => `${count} × ${what}`);
    call.say(`Also left out, for a contract has no word for it: ${counts.join(", ")}.`);
  }
}
