/** `npm run package`: the package that services in TypeScript install, with the contract and the tracer. */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  globSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  runCommand,
  StackError,
} from "../stack/index.ts";

const options = {
  out: {
    type: "string",
    value: "DIR",
    does: "The folder to build in, new or empty (dist, which is emptied).",
  },
} as const;

const importedName = /(?:from|import)\s*\(?"((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^"]*)?"/g;

await runCommand({
  name: "npm run package",
  summary:
    "Builds the npm package with miniserve/contract and miniserve/telemetry, and packs it into a file that\n" +
    "npm install takes. Nothing is published.",
  options,
  examples: [["npm run package -- --out build/package", "into another folder"]],
  exitCodes: [
    "The package is built.",
    "The package cannot be built: the compiler's or npm's words are listed.",
    "It could not run: an option is invalid, or the folder cannot be used.",
  ],
  run: buildPackage,
});

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

async function buildPackage(call: CommandCall<typeof options>): Promise<CommandResult> {
  const folder = prepareFolder(call.options.out);
  await compile(folder);
  const manifest = readManifest();
  const dependencies = listDependencies(folder, manifest);
  writeManifest(folder, manifest, dependencies);
  for (const file of ["LICENSE", "NOTICE"]) {
    copyFileSync(join(checkout, file), join(folder, file));
  }
  const { stdout } = await attempt("npm", ["pack", "--silent"], folder);
  const tarball = join(folder, stdout.trim());
  call.say(`${tarball}: npm install takes it.`);
  return { exitCode: 0, report: { folder, tarball, dependencies } };
}

/** Empty. What a person names may hold something of theirs. */
function prepareFolder(given: string | undefined): string {
  if (given === undefined) {
    const usual = join(checkout, "dist");
    rmSync(usual, { recursive: true, force: true });
    return usual;
  }
  const folder = resolve(given);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new StackError("file_unwritable", {
      message: "The folder is not empty.",
      hint: "Name another, or empty it.",
    });
  }
  return folder;
}

async function compile(folder: string): Promise<void> {
  const compiler = join(checkout, "node_modules", "typescript", "bin", "tsc");
  const project = join(checkout, "scripts", "package");
  await attempt(process.execPath, [compiler, "--project", project, "--outDir", folder], checkout);
  // The compiler leaves the names of sources in declarations.
  for (const file of globSync("**/*.d.ts", { cwd: folder })) {
    const text = readFileSync(join(folder, file), "utf8");
    writeFileSync(join(folder, file), text.replaceAll(/(from "\.{1,2}\/[^"]+)\.ts"/g, '$1.js"'));
  }
}

function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
}

/** The packages that what was built imports, with their versions here. */
function listDependencies(folder: string, { dependencies }: Manifest): Record<string, string> {
  const names = globSync("**/*.{js,d.ts}", { cwd: folder }).flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(importedName)].map(
      ([, name = ""]) => name,
    ),
  );
  const used = [...new Set(names)].filter((name) => Object.hasOwn(dependencies, name)).sort();
  return Object.fromEntries(used.map((name) => [name, dependencies[name] ?? ""]));
}

function writeManifest(
  folder: string,
  { name, version, license, imports, exports }: Manifest,
  dependencies: Readonly<Record<string, string>>,
): void {
  const built = (source: string) => source.replace(/\.ts$/, ".js");
  const isBuilt = ([, source]: [string, string]) => existsSync(join(folder, built(source)));
  const entries = (sources: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(sources)
        .filter(isBuilt)
        .map(([key, source]) => [key, built(source)]),
    );
  const manifest = {
    name,
    version,
    private: true,
    description:
      "Typed contracts for OpenTelemetry traces, and a tracer and a logger that keep them.",
    license,
    type: "module",
    engines: { node: ">=22" },
    imports: entries(imports),
    exports: entries(exports),
    dependencies,
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function attempt(program: string, given: readonly string[], folder: string) {
  try {
    return await promisify(execFile)(program, given, { cwd: folder });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new StackError("package_failed", {
      details: `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== ""),
    });
  }
}
