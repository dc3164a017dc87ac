/** The house rules that no tool checks: names of files and folders, and what no file may hold. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Not ours, or not written by hand. */
const skippedFolders = new Set(["node_modules", ".git", "generated"]);
/** Left behind by running things; .gitignore names them too. */
const skippedAtTheTop = new Set([
  ".stack",
  ".data",
  "logs",
  "models",
  "indexes",
  "coverage",
  "dist",
]);

const properName = /^(\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*|[A-Z]+(\.md)?|Dockerfile)$/;
/** Names that say nothing about what is inside. */
const emptyNames = new Set(["util", "utils", "helper", "helpers", "common", "misc", "types"]);

const textFile =
  /\.(ts|mjs|js|json|md|yml|yaml|html|css|sh|txt|py|in)$|(^|\/)[A-Z]+$|^\.[^/]+\/run$/;

const forbiddenTexts: { pattern: RegExp; fault: string }[] = [
  {
    pattern:
      /(?<![\w.:/])\/(?:home|Users)\/[\w.-]+\/|(?<![\w.])\/(?:root|work\/(?:main|shared))\b|[A-Z]:\\Users\\/,
    fault: "a path of one machine; make it relative, or take it as a setting",
  },
  {
    pattern: /registry\.npm(?:js|mirror)\b|\bpypi\.org\b/,
    fault: "the address of a registry; which one is used is the user's affair",
  },
  {
    // Biome's import rules do not look into these.
    pattern: /(?<!await )\bimport\("[^"]+"\)\.[A-Z]/,
    fault: "a type by import(); write import type at the top, where the import rules see it",
  },
];

/**
 * What a person reads goes through `writeLines` (stack/command/terminal.ts), which escapes what a terminal
 * would obey. These write otherwise: the tools of who develops, processes whose output is a file, and the
 * server, which cannot import it.
 */
const directOutput = {
  pattern: /\bstd(?:out|err)\.write\(/,
  fault: "a way to the terminal past writeLines",
};
const mayWrite =
  /\.test\.ts$|\/testing\/|^tests\/|^server\/|^scripts\/(?:check|test|notice|complete-lockfile)\b|^scripts\/(?:run|setup)\.mjs$|^stack\/(?:supervisor|trace-store|viewer)\/main\.ts$|^stack\/command\/terminal\.ts$/;

/** Everything in the repository `root` that breaks a house rule, one sentence each. */
export function houseRuleFaults(root: string): string[] {
  const files = projectFiles(root);
  if (files.length === 0) {
    return [`house rules: no file found in ${root}.`];
  }
  const commands = readCommands(root);
  return files.flatMap((file) => [...nameFaults(file), ...textFaults(root, file, commands)]);
}

function projectFiles(root: string, folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (skippedFolders.has(entry.name) || (folder === "" && skippedAtTheTop.has(entry.name))) {
      return [];
    }
    if (entry.isDirectory()) {
      return projectFiles(root, path);
    }
    return entry.isFile() && !entry.name.endsWith(".log") ? [path] : [];
  });
}

/** Where GitHub looks for the forms of issues and of changes. */
const githubNames: ReadonlySet<string> = new Set(["ISSUE_TEMPLATE", "pull_request_template.md"]);

function nameFaults(file: string): string[] {
  // Protobuf files import each other by the paths that their publisher gave them.
  if (file.endsWith(".proto")) {
    return [];
  }
  return file.split("/").flatMap((name) => {
    if (githubNames.has(name)) {
      return [];
    }
    const stem = name.split(".")[0] ?? "";
    if (!properName.test(name)) {
      return [`${file}: "${name}" is not a kebab-case name.`];
    }
    if (!emptyNames.has(stem)) {
      return [];
    }
    return [`${file}: "${name}" says nothing; name it after what it holds.`];
  });
}

function readCommands(root: string): Set<string> {
  const path = join(root, "package.json");
  const { scripts = {} } = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  return new Set(Object.keys(scripts));
}

function textFaults(root: string, file: string, commands: ReadonlySet<string>): string[] {
  if (!textFile.test(file) || file === "package-lock.json") {
    return [];
  }
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  const forbidden = [...forbiddenTexts, ...(mayWrite.test(file) ? [] : [directOutput])];
  return lines.flatMap((line, index) => [
    ...forbidden
      .filter(({ pattern }) => pattern.test(line))
      .map(({ pattern, fault }) => `${file}:${index + 1}: "${pattern.exec(line)?.[0]}": ${fault}.`),
    ...[...line.matchAll(/\bnpm run ([a-z][a-z-]*(?::[a-z-]+)*)/g)]
      .filter(([, name = ""]) => !commands.has(name))
      .map(([text]) => `${file}:${index + 1}: "${text}": package.json has no such command.`),
  ]);
}
