/** Who may import whom, as the table of folders in the design says. */

/** One import statement, `import()` or `import("…")` type, with its target resolved. */
export interface Import {
  /** The importing file, relative to the repository, with forward slashes. */
  from: string;
  /** What stands in the source. */
  specifier: string;
  /** The imported file, relative to the repository; "" for a package or a module of Node. */
  file: string;
  /** The imported package's name; "" for a file. Modules of Node keep their "node:". */
  packageName: string;
  line: number;
}

/** The folders with code. A folder that does not exist yet is skipped. */
export const codeFolders: readonly string[] = [
  "contract",
  "server",
  "dashboards",
  "provisioning",
  "stack",
  "scripts",
  "tests",
];

/** Folders that import themselves and the contract, nothing else. */
const closedFolders = codeFolders.filter((folder) => folder !== "scripts" && folder !== "tests");

/** What a folder shows to scripts: its table of contents, its entry points, its settings. */
const openModule = /^[^/]+\/(index|main|up|down|status|logs|config)\.ts$/;

/** What every folder may import, by the names that package.json gives them. */
export const sharedModules: Readonly<Record<string, string>> = {
  "#contract": "contract/index.ts",
  "#settings": "contract/settings/index.ts",
  "#traceql": "contract/traceql/language/index.ts",
};

/** A sentence for each rule that an import breaks. */
export function brokenRules(
  found: Import,
  packages: { runtime: ReadonlySet<string>; development: ReadonlySet<string> },
): string[] {
  const broken = found.packageName === "" ? fileRules(found) : packageRules(found, packages);
  return broken.map((sentence) => `${found.from}:${found.line}: "${found.specifier}": ${sentence}`);
}

function fileRules({ from, specifier, file }: Import): string[] {
  const folder = topFolder(from);
  const target = topFolder(file);
  if (Object.hasOwn(sharedModules, specifier)) {
    return folder === "contract"
      ? ["within contract/, import the module itself, by its path."]
      : [];
  }
  if (target === folder) {
    return isTestCode(file) && !isTestCode(from)
      ? ["plain code does not use what is for tests."]
      : [];
  }
  const name = Object.keys(sharedModules).find((shared) => sharedModules[shared] === file);
  if (name !== undefined) return [`write import … from "${name}".`];
  if (folder === "tests") return [];
  if (isTestCode(from) && file.startsWith("tests/support/")) return [];
  if (folder !== "scripts") {
    return [
      `${folder}/ imports itself and ${Object.keys(sharedModules).join(" and ")}, nothing else. Share through contract/, or start ` +
        "the other folder as a process; a test that crosses folders belongs in tests/.",
    ];
  }
  if (closedFolders.includes(target) && openModule.test(file)) return [];
  return [
    `scripts/ uses a folder's index.ts and entry modules only; export it from ${target}/index.ts.`,
  ];
}

function packageRules(
  { from, packageName }: Import,
  packages: { runtime: ReadonlySet<string>; development: ReadonlySet<string> },
): string[] {
  const isPlainCode = closedFolders.includes(topFolder(from)) && !isTestCode(from);
  const isPureLibrary = packageName === "zod" && from.startsWith("contract/settings/");
  if (isPlainCode && topFolder(from) === "contract" && !isPureLibrary) {
    return ["contract/ has no I/O and no dependency; take what you need as an argument."];
  }
  if (packageName.startsWith("node:") || packages.runtime.has(packageName)) return [];
  if (!packages.development.has(packageName)) {
    return ["neither a file nor a dependency that package.json names."];
  }
  return isPlainCode ? ["a development dependency; move it to dependencies in package.json."] : [];
}

function topFolder(file: string): string {
  return file.split("/")[0] ?? "";
}

/** Tests, and what the tests of a folder share in its testing/ folder. */
function isTestCode(file: string): boolean {
  return file.endsWith(".test.ts") || file.includes("/testing/") || file.startsWith("tests/");
}
