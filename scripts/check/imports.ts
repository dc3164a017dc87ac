/** Reads the imports of all code and checks them against the import rules and for cycles. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { brokenRules, codeFolders, type Import, sharedModules } from "./import-rules.ts";

/**
 * Every import in the repository `root` that breaks a rule, one sentence each. Having found no
 * import at all is a fault too: a check that looks at nothing must not report success.
 */
export function importFaults(root: string): string[] {
  const files = globSync(
    codeFolders.map((folder) => `${folder}/**/*.{ts,tsx,mjs}`),
    { cwd: root },
  )
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
  const faults: string[] = [];
  const imports = files.flatMap((file) => {
    const { found, errors } = readImports(root, file);
    faults.push(...errors.map((error) => `${file}: cannot be read: ${error}`));
    return found;
  });
  if (imports.length === 0)
    faults.push(`imports: none found in the ${files.length} files of ${root}.`);
  const packages = declaredPackages(root);
  faults.push(...imports.flatMap((found) => brokenRules(found, packages)));
  faults.push(
    ...cycles(imports).map((cycle) => `${cycle.join(" -> ")}: a cycle; split one of them.`),
  );
  return faults;
}

/** The imports of one file: statements, re-exports, `import()` and types. */
function readImports(root: string, file: string): { found: Import[]; errors: string[] } {
  const source = readFileSync(posix.join(root, file), "utf8");
  const parsed = parseSync(file, source);
  const found: Import[] = [];
  const add = (node: { start: number }, target: unknown) => {
    if (!isStringLiteral(target)) return;
    const line = source.slice(0, node.start).split("\n").length;
    found.push({ from: file, specifier: target.value, line, ...resolve(root, file, target.value) });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source),
    ExportNamedDeclaration: (node) => add(node, node.source),
    ExportAllDeclaration: (node) => add(node, node.source),
    ImportExpression: (node) => add(node, node.source),
    TSImportType: (node) => add(node, node.source),
  }).visit(parsed.program);
  return { found, errors: parsed.errors.map((error) => error.message) };
}

function isStringLiteral(node: unknown): node is { value: string } {
  return (
    typeof node === "object" && node !== null && "value" in node && typeof node.value === "string"
  );
}

/** A file that does not exist is reported as a package that nobody declares. */
function resolve(root: string, from: string, specifier: string) {
  const shared = sharedModules[specifier];
  const path = shared ?? posix.join(posix.dirname(from), specifier.split("?")[0] ?? "");
  const isFile = specifier.startsWith(".") || shared !== undefined;
  if (isFile && existsSync(posix.join(root, path))) return { file: path, packageName: "" };
  return { file: "", packageName: packageNameOf(specifier) };
}

function packageNameOf(specifier: string): string {
  if (isBuiltin(specifier)) return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function declaredPackages(root: string) {
  const names = JSON.parse(readFileSync(posix.join(root, "package.json"), "utf8"));
  return {
    runtime: new Set(Object.keys(names.dependencies ?? {})),
    development: new Set(Object.keys(names.devDependencies ?? {})),
  };
}

/** Every cycle once, as the list of its files with the first repeated at the end. */
function cycles(imports: Import[]): string[][] {
  const targets = new Map<string, Set<string>>();
  for (const { from, file } of imports) {
    if (file !== "") targets.set(from, (targets.get(from) ?? new Set()).add(file));
  }
  const found: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string) => {
    const start = path.indexOf(file);
    if (start !== -1) found.push([...path.slice(start), file]);
    if (start !== -1 || done.has(file)) return;
    path.push(file);
    for (const target of targets.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of targets.keys()) visit(file);
  return found;
}
