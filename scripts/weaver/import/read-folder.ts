import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { readRegistry } from "./read-registry.ts";
import type { Registry } from "./registry.ts";
import { parseYaml, type YamlPart } from "./yaml-part.ts";

export interface FolderRead {
  readonly registry: Registry;
  /** The files that were read as definitions. */
  readonly files: readonly string[];
  /** What is wrong, each with its file and line. */
  readonly faults: readonly string[];
  /** Dependencies that are somewhere else. */
  readonly missing: readonly string[];
}

const manifests = ["manifest.yaml", "manifest.yml", "registry_manifest.yaml"];

/** Reads a registry's folder, the dependencies of its manifest that are here, and those that are named. */
export function readFolder(folder: string, dependencies: readonly string[]): FolderRead {
  const faults: string[] = [];
  const missing: string[] = [];
  const own = readFiles(folder, faults);
  const found = own.manifests.flatMap((part) => dependencyFolders(part, folder, missing));
  const read = [...dependencies, ...found].flatMap((path) => readFiles(path, faults).definitions);
  const registry = readRegistry(
    own.definitions.map(({ part }) => part),
    read.map(({ part }) => part),
  );
  return {
    registry,
    files: own.definitions.map(({ file }) => file),
    faults: [...new Set(faults)],
    missing: dependencies.length > 0 ? [] : missing,
  };
}

interface FileRead {
  readonly file: string;
  readonly part: YamlPart;
}

function readFiles(folder: string, faults: string[]) {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name) && !/(^|[/\\])\./.test(name))
    .sort();
  const files = names.flatMap((name): (FileRead & { readonly name: string })[] => {
    const file = join(folder, name);
    const part = statSync(file).isFile()
      ? parseYaml(relative(process.cwd(), file) || file, readFileSync(file, "utf8"), faults)
      : undefined;
    return part === undefined ? [] : [{ name, file, part }];
  });
  const isManifest = ({ name }: { readonly name: string }) => manifests.includes(name);
  return {
    manifests: files.filter(isManifest).map(({ part }) => part),
    // Other YAML, as of templates and policies, is none of the registry's.
    definitions: files.filter(
      (file) =>
        !isManifest(file) &&
        ["groups", "file_format"].some((key) => file.part.keys().includes(key)),
    ),
  };
}

/** The folders of a manifest's dependencies, which stand beside it or where the command runs. */
function dependencyFolders(manifest: YamlPart, folder: string, missing: string[]): string[] {
  return manifest.list("dependencies", "dependency").flatMap((dependency) => {
    const path = dependency.text("registry_path") ?? "";
    const name = dependency.text("name") ?? dependency.text("schema_url") ?? path;
    const places = [resolve(folder, path), resolve(path)];
    const place = path === "" ? undefined : places.find(isFolder);
    if (place === undefined) {
      missing.push(name);
    }
    return place === undefined ? [] : [place];
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
