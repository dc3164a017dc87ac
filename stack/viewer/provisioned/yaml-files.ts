import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import type { Refusal } from "../data/provisioned.ts";

interface YamlFile {
  readonly file: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface FilesRead<Content> {
  readonly read: readonly Content[];
  readonly refusals: readonly Refusal[];
}

/** The YAML files of a provisioning folder, in the order of their names, with variables replaced. */
export function readYamlFiles(folder: string, variables: Variables): FilesRead<YamlFile> {
  const read: YamlFile[] = [];
  const refusals: Refusal[] = [];
  const { names, refusal } = namesIn(folder, /\.ya?ml$/);
  refusals.push(...refusal);
  for (const name of names) {
    const file = join(folder, name);
    const document = parseDocument(readFileSync(file, "utf8"));
    const [fault] = document.errors;
    const content: unknown = fault === undefined ? document.toJS() : undefined;
    if (fault !== undefined) {
      refusals.push({ file, reason: `It is not YAML: ${firstLine(fault.message)}` });
    } else if (!isObject(content)) {
      refusals.push({ file, reason: "It holds no list of settings." });
    } else if (content.apiVersion !== 1) {
      refusals.push({ file, reason: "Its apiVersion is not 1." });
    } else {
      read.push({ file, content: interpolate(content, variables) as YamlFile["content"] });
    }
  }
  return { read, refusals };
}

/** The names of a folder's files that match. A folder that cannot be read is refused. */
export function namesIn(folder: string, pattern: RegExp): { names: string[]; refusal: Refusal[] } {
  try {
    return {
      names: readdirSync(folder)
        .filter((name) => pattern.test(name))
        .sort(),
      refusal: [],
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      names: [],
      refusal: [{ file: folder, reason: `The folder cannot be read (${code}).` }],
    };
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

/** The entries of a list in a file; what is no object is refused. */
export function readEntries({ file, content }: YamlFile, key: string) {
  const list = content[key] ?? [];
  const entries = Array.isArray(list) ? list : [list];
  return {
    entries: entries.filter(isObject),
    refusals: entries
      .filter((entry) => !isObject(entry))
      .map((): Refusal => ({ file, reason: `An entry of ${key} has no settings.` })),
  };
}

export function readText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What `$NAME` stands for in provisioning files. */
export type Variables = Readonly<Record<string, string>>;

/**
 * A document of a provisioning file with its variables replaced as Grafana does: `$NAME` and `${NAME}`
 * in every text, `$$` for a dollar, nothing for a variable that is not set.
 */
export function interpolate(document: unknown, variables: Variables): unknown {
  if (typeof document === "string") {
    return document.replaceAll(/\$\$|\$\{(\w+)\}|\$(\w+)/g, (whole, braced, bare) =>
      whole === "$$" ? "$" : (variables[braced ?? bare] ?? ""),
    );
  }
  if (Array.isArray(document)) {
    return document.map((entry) => interpolate(entry, variables));
  }
  if (typeof document === "object" && document !== null) {
    return Object.fromEntries(
      Object.entries(document).map(([key, value]) => [key, interpolate(value, variables)]),
    );
  }
  return document;
}
