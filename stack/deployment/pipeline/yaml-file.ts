import { Document, isMap, isScalar, type Pair, type YAMLMap } from "yaml";
import type { GeneratedFile } from "#contract";
import type { FileSetting } from "./environment.ts";

export interface YamlFile {
  /** The name of the file, below `stack/generated/`. */
  readonly name: string;
  /** The source to edit instead, from the checkout. */
  readonly source: string;
  /** What the file is for and how it is used, in lines. */
  readonly brief: readonly string[];
  readonly settings: Readonly<Record<string, FileSetting>>;
  readonly content: object;
  /** Why a value is what it is, under the names of its keys with dots between them. */
  readonly reasons?: Readonly<Record<string, string>>;
}

/** Writes a configuration as YAML: who made it, what it is for, what the environment may set. */
export function yamlFile(file: YamlFile): GeneratedFile {
  // Some read YAML 1.1, where no is a truth value and 472:0 a number.
  const form = { aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;
  const document = new Document(file.content, form);
  for (const [path, reason] of Object.entries(file.reasons ?? {})) {
    explain(document, path.split("."), reason);
  }
  const settings = Object.values(file.settings);
  const width = Math.max(...settings.map(({ variable }) => variable.length));
  document.commentBefore = [
    `Generated from ${file.source} by npm run generate. Do not edit.`,
    "",
    ...file.brief,
    ...(settings.length === 0 ? [] : ["The environment may set:"]),
    ...settings.map(
      ({ variable, default: fallback, brief }) =>
        `  ${variable.padEnd(width)}  ${brief} (${fallback})`,
    ),
  ]
    .map((line) => (line === "" ? "" : ` ${line}`))
    .join("\n");
  // A line is never folded: one statement of the Collector is one line in a diff.
  const content = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  return { path: `stack/generated/${file.name}`, content };
}

/** @throws RangeError when there is no such key, so that no reason outlives what it explains. */
function explain(document: Document, path: readonly string[], reason: string): void {
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? findPair(parent, path.at(-1)) : undefined;
  if (!isScalar(pair?.key)) {
    throw new RangeError(`There is no ${path.join(".")} to explain.`);
  }
  pair.key.commentBefore = ` ${reason}`;
}

function findPair(map: YAMLMap, name: string | undefined): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}
