/** `npm run release:sbom`: the software bill of materials of a release. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defaultEmbedding, defaultHubUrl, defaultModel } from "../server/index.ts";
import { type CommandCall, type CommandResult, checkout, runCommand } from "../stack/index.ts";
import { dependencies } from "./check/licences.ts";
import type { Lockfile } from "./check/lockfile.ts";
import { completeBill } from "./release/bill-of-materials.ts";

const options = {
  out: { type: "string", value: "FILE", does: "The file to write (sbom.cdx.json)." },
} as const;

await runCommand({
  name: "npm run release:sbom",
  summary:
    "Writes the software bill of materials in CycloneDX: the packages that ship, of every platform, llama.cpp\n" +
    "and the model.",
  options,
  json: false,
  examples: [["npm run release:sbom -- --out dist/sbom.cdx.json", "into a folder"]],
  exitCodes: [
    "The file was written.",
    "Never.",
    "It could not run: an option is invalid, or npm could not read the lockfile.",
  ],
  run: writeBill,
});

async function writeBill(call: CommandCall<typeof options>): Promise<CommandResult> {
  const file = resolve(call.options.out ?? "sbom.cdx.json");
  const asked = ["--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"];
  const bill = JSON.parse(run("npm", ["sbom", ...asked]));
  const { tag, llamaCppGithubRepo } = readJson(
    "node_modules/node-llama-cpp/llama/llama.cpp.info.json",
  );
  const complete = completeBill(bill, {
    shipped: listShipped(),
    name: readJson("package.json").name ?? "",
    timestamp: new Date(run("git", ["log", "-1", "--format=%cI"]).trim()).toISOString(),
    llamaCpp: { version: tag ?? "", repository: llamaCppGithubRepo ?? "" },
    // The second is made at the first start, of files that are checked, too.
    models: [
      describeModel(defaultModel.fileName, defaultModel.sha256, defaultModel.hub),
      describeModel(defaultEmbedding.fileName, defaultEmbedding.sha256, defaultEmbedding.hub),
    ],
  });
  writeFileSync(file, `${JSON.stringify(complete, undefined, 2)}\n`);
  call.say(`${file}: ${complete.components.length} components.`);
  return { exitCode: 0 };
}

interface HubRepository {
  readonly user: string;
  readonly repository: string;
  readonly revision: string;
}

function describeModel(fileName: string, sha256: string, hub: HubRepository) {
  const { user, repository, revision } = hub;
  const url = `${defaultHubUrl}/${user}/${repository}/tree/${revision}`;
  return { fileName, sha256, revision, url };
}

function listShipped(): ReadonlySet<string> {
  const lockfile: Lockfile = JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8"));
  const shipped = dependencies(lockfile).filter(({ isRuntime }) => isRuntime);
  return new Set(
    shipped.map(({ name, location }) => `${name}@${lockfile.packages[location]?.version}`),
  );
}

function run(program: string, given: readonly string[]): string {
  return execFileSync(program, given, {
    cwd: checkout,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function readJson(file: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(checkout, file), "utf8"));
}
