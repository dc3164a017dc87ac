import { parse } from "yaml";
import type { GeneratedFile } from "#contract";

/** Where a generated file uses a name of the contract. */
export interface NameUse {
  readonly kind: "panel" | "dashboard" | "query" | "alert" | "file";
  readonly file: string;
  /** The title of the panel, query or alert; of a file, the lines, from 1. */
  readonly name: string;
}

/**
 * Whether a text uses a name on the wire: as it is, escaped in a pattern, encoded in a link, or as a
 * label or a metric of Prometheus. Part of a longer name is no use. A name of one word is a word of English too:
 * it is used where it stands in quotes or alone.
 */
export function mentions(text: string, name: string): boolean {
  return countMentions(text, name) > 0;
}

/** How often. */
export function countMentions(text: string, name: string): number {
  const plain = decoded(text).replaceAll("\\", "");
  return [...plain.matchAll(createUsePattern(name))].length;
}

function createUsePattern(name: string): RegExp {
  const escaped = name.replaceAll(".", "\\.");
  if (!name.includes(".")) {
    const quoted = `(?<=["'\`])${escaped}(?=["'\`])`;
    const alone = `^\\s*(?:[\\w.-]+: |- )?${escaped}$`;
    return new RegExp(`${quoted}|${alone}`, "gm");
  }
  // As a label, or as a metric, which has its unit and its part behind its name.
  const label = `${name.replaceAll(".", "_")}(?:_(?:seconds|bytes|ratio|total|bucket|sum|count))*`;
  const scoped = `(?<![\\w.-])(?:(?:span|resource|tags)?\\.)?${escaped}(?![\\w-]|\\.\\w)`;
  return new RegExp(`${scoped}|(?<![\\w.])${label}(?![\\w.])`, "g");
}

function decoded(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/** Every panel, query and alert of a file that uses the name, and else the lines of the file. */
export function usesIn({ path, content }: GeneratedFile, name: string): NameUse[] {
  if (!mentions(content, name)) {
    return [];
  }
  const titled = /\.(json|ya?ml)$/.test(path) ? titledUses(path, content, name) : [];
  if (titled.length > 0) {
    return titled;
  }
  const lines = content.split("\n").flatMap((line, index) => {
    return mentions(line, name) ? [index + 1] : [];
  });
  const word = lines.length === 1 ? "line" : "lines";
  return [{ kind: "file", file: path, name: `${word} ${lines.join(", ")}` }];
}

type Owner = Pick<NameUse, "kind" | "name">;

function titledUses(file: string, content: string, name: string): NameUse[] {
  const owners = new Map<string, Owner>();
  const add = (owner: Owner) => owners.set(`${owner.kind} ${owner.name}`, owner);
  const walk = (value: unknown, owner: Owner | undefined): void => {
    if (typeof value === "string") {
      if (owner !== undefined && mentions(value, name)) {
        add(owner);
      }
    } else if (typeof value === "object" && value !== null) {
      const inner = findOwner(value) ?? owner;
      for (const [key, member] of Object.entries(value)) {
        walk(key, inner);
        walk(member, inner);
      }
    }
  };
  walk(file.endsWith(".json") ? JSON.parse(content) : parse(content), undefined);
  return [...owners.values()].map((owner) => ({ ...owner, file }));
}

/** What has a title is something that a person knows. Which, its other members tell. */
function findOwner(value: object): Owner | undefined {
  const { title } = value as { title?: unknown };
  if (typeof title !== "string" || title === "") {
    return undefined;
  }
  if ("condition" in value) {
    return { kind: "alert", name: title };
  }
  if ("panels" in value && !("gridPos" in value)) {
    return { kind: "dashboard", name: title };
  }
  if ("gridPos" in value) {
    return { kind: "panel", name: title };
  }
  return "id" in value ? { kind: "query", name: title } : undefined;
}
