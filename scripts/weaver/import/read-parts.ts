import type { Stability } from "#contract";
import { factsKey } from "../registry/facts.ts";
import type {
  AttributeUse,
  Named,
  RegistryAttribute,
  RegistryDeprecation,
  RequirementLevel,
} from "./registry.ts";
import type { YamlPart } from "./yaml-part.ts";

/** What every definition has. */
export function readNamed(part: YamlPart): Named {
  const facts = part.get("annotations", "annotation")?.get(factsKey)?.value();
  const isOurs = typeof facts === "object" && facts !== null;
  return {
    place: part.place,
    brief: oneLine(part.text("brief")),
    // A note of ours repeats the facts; others are told as left out.
    note: isOurs ? oneLine(part.text("note")) : "",
    stability: readStability(part),
    deprecated: readDeprecation(part),
    facts: isOurs ? (facts as Readonly<Record<string, unknown>>) : undefined,
  };
}

function oneLine(text: string | undefined): string {
  return (text ?? "").replace(/\s+/g, " ");
}

const stabilityOf: Readonly<Record<string, Stability>> = {
  development: "development",
  experimental: "development",
  alpha: "alpha",
  beta: "beta",
  release_candidate: "release_candidate",
  stable: "stable",
};

function readStability(part: YamlPart): Stability | undefined {
  const word = part.text("stability");
  if (word !== undefined && word !== "deprecated" && stabilityOf[word] === undefined) {
    part.get("stability")?.fault(`There is no stability ${word}.`);
  }
  return stabilityOf[word ?? ""];
}

/** A sentence, as in older files, or a reason with what it needs. */
function readDeprecation(part: YamlPart): RegistryDeprecation | undefined {
  const deprecated = part.get("deprecated", "deprecation");
  if (deprecated === undefined) {
    return undefined;
  }
  if (!deprecated.isMap) {
    return { note: oneLine(part.text("deprecated")) };
  }
  const reason = deprecated.needed("reason");
  const note = oneLine(deprecated.text("note"));
  const renamedTo = reason === "renamed" ? deprecated.needed("renamed_to") : undefined;
  return {
    ...(renamedTo === undefined ? {} : { renamedTo }),
    ...(note === "" && renamedTo !== undefined ? {} : { note: note || reason }),
  };
}

export function readAttribute(key: string, part: YamlPart): RegistryAttribute {
  const type = part.get("type", "type");
  const members = type?.isMap === true ? type.list("members", "member") : undefined;
  if (type === undefined) {
    part.fault(`The attribute ${key} has no type.`);
  }
  const examples = part.get("examples")?.value() ?? [];
  return {
    ...readNamed(part),
    key,
    type: members === undefined ? (part.text("type") ?? "") : "enum",
    members: (members ?? []).map((member) => {
      member.text("id");
      member.passOver("stability", "development");
      return member.get("value")?.value() ?? member.needed("value");
    }),
    examples: Array.isArray(examples) ? examples : [examples],
  };
}

const levels: readonly string[] = [
  "required",
  "conditionally_required",
  "recommended",
  "opt_in",
] satisfies RequirementLevel[];

/** That a signal has an attribute; its key is empty where the reference has none. */
export function readUse(part: YamlPart, key: string, isIdentity: boolean): AttributeUse {
  const level = part.get("requirement_level", "level");
  const [word = "recommended"] =
    level?.isMap === true ? level.keys() : [part.text("requirement_level")];
  const identifies = part.text("role") === "identifying" || isIdentity;
  if (!levels.includes(word)) {
    level?.fault(`There is no requirement_level ${word}.`);
  }
  return {
    key,
    // What identifies an entity is always there.
    level: level === undefined && identifies ? "required" : (word as RequirementLevel),
    condition: level?.isMap === true ? oneLine(level.text(word)) : "",
    isSamplingRelevant: part.text("sampling_relevant") === "true",
    place: part.place,
  };
}
