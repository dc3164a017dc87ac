import { type AttributeSource, type AttributeType, contentFault, identifierOf } from "#contract";
import type { AttributeFacts } from "../registry/facts.ts";
import type { Losses } from "./losses.ts";
import type { Named, Registry, RegistryAttribute, RegistryDeprecation } from "./registry.ts";

export type AttributeSources = Record<string, AttributeSource>;

/** The attributes of a registry as a contract declares them. */
export class AttributeTerms {
  readonly #registry: Registry;
  readonly #losses: Losses;
  /** Earlier names, by the one of now. */
  readonly #former: ReadonlyMap<string, readonly string[]>;

  constructor(registry: Registry, losses: Losses) {
    this.#registry = registry;
    this.#losses = losses;
    this.#former = formerNames(registry);
  }

  /** The keys that no signal has and that are not earlier names of others. */
  listUnused(used: ReadonlySet<string>): string[] {
    const former = new Set([...this.#former.values()].flat());
    return [...this.#registry.ownAttributes].filter((key) => !used.has(key) && !former.has(key));
  }

  /** Those of the keys that a contract can declare, by identifier. */
  declare(keys: Iterable<string>, taken: Iterable<string> = []): AttributeSources {
    const identifiers = new Set(taken);
    const wanted = new Set(keys);
    const sources: AttributeSources = {};
    for (const [key, attribute] of this.#registry.attributes) {
      const type = wanted.has(key) ? this.typeOf(attribute) : undefined;
      if (type !== undefined) {
        const facts = attribute.facts as AttributeFacts | undefined;
        const own = facts?.identifier;
        const identifier =
          own === undefined || identifiers.has(own) ? identifierOf(key, identifiers) : own;
        identifiers.add(identifier);
        sources[identifier] = this.#source(attribute, type, wanted);
      }
    }
    return sources;
  }

  /** The type of an attribute in a contract; undefined, and told, if it has none there. */
  typeOf(attribute: RegistryAttribute): AttributeType | undefined {
    const { key, type, members } = attribute;
    const fault = this.#findFault(attribute);
    if (fault !== undefined) {
      this.#losses.add(fault, `${key} (${type})`);
      return undefined;
    }
    return type === "enum" ? typeOfMember(members) : (type as AttributeType);
  }

  #findFault({ key, type, members }: RegistryAttribute): string | undefined {
    if (contentFault(key) !== undefined) {
      return "Attributes are left out, for prompt, completion, messages and text in a name stand for content";
    }
    if (!/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/.test(key)) {
      return "Attributes are left out, for their names are not lower_case words with dots between them";
    }
    const known = type === "enum" ? typeOfMember(members) : scalarTypes.has(type);
    return known === undefined || known === false
      ? "Attributes are left out, for a contract has no lists, templates or values of any type"
      : undefined;
  }

  #source(
    attribute: RegistryAttribute,
    type: AttributeType,
    declared: ReadonlySet<string>,
  ): AttributeSource {
    const { key, brief, members } = attribute;
    const { unit, min, max, pattern, ignoreCase, semconv, extension, unique } = (attribute.facts ??
      {}) as Partial<AttributeFacts>;
    const isClosed = attribute.type === "enum" && type === "string";
    if (attribute.type === "enum" && !isClosed) {
      this.#losses.add("Closed lists are left out, for only texts have one", key);
    }
    const renamedFrom = this.#former.get(key);
    return {
      type,
      key,
      brief: brief || `The registry does not say what ${key} is.`,
      ...(isClosed ? { values: members.map(String) } : {}),
      ...defined({
        unit: type === "double" && attribute.facts === undefined ? "1" : unit,
        min,
        max,
        extension,
        unique,
      }),
      ...(pattern === undefined ? {} : { pattern: toPattern(pattern, ignoreCase) }),
      ...(isClosed || type === "boolean" ? {} : { examples: this.#examples(attribute, type) }),
      ...(semconv === undefined ? {} : { semconv: shortConvention(semconv) }),
      ...lifecycleOf({ ...attribute, name: key }, [...declared], this.#losses),
      ...(renamedFrom === undefined ? {} : { renamedFrom }),
    };
  }

  #examples({ key, examples, facts }: RegistryAttribute, type: AttributeType) {
    const { min = 1 } = (facts ?? {}) as Partial<AttributeFacts>;
    const isNumber = type !== "string";
    const fitting = examples
      .filter((example) => typeof example === (isNumber ? "number" : "string"))
      .filter((example) => type !== "int" || Number.isSafeInteger(example)) as (string | number)[];
    if (fitting.length > 0) {
      return fitting;
    }
    this.#losses.add("Examples are made up, for the registry has none of the type", key);
    return [isNumber ? min : "example"];
  }
}

const scalarTypes: ReadonlySet<string> = new Set(["int", "double", "string", "boolean"]);

function typeOfMember(members: readonly unknown[]): AttributeType | undefined {
  const types = new Set(members.map((member) => typeof member));
  const [type] = types;
  if (types.size !== 1) {
    return undefined;
  }
  return type === "string"
    ? "string"
    : type === "boolean"
      ? "boolean"
      : members.every(Number.isSafeInteger)
        ? "int"
        : undefined;
}

/** Without the flag that a definition adds, unless its source needs it. */
function toPattern(source: string, ignoreCase = false): RegExp {
  return new RegExp(source, `${ignoreCase ? "i" : ""}${/\\[pPu]/.test(source) ? "u" : ""}`);
}

function shortConvention(semconv: NonNullable<AttributeFacts["semconv"]>) {
  return semconv.transform === undefined ? semconv.key : semconv;
}

/** How long a name lasts. Only a name that the contract declares too can stand for it. */
export function lifecycleOf(
  { name, stability, deprecated }: Named & { readonly name: string },
  declared: readonly string[],
  losses: Losses,
): Pick<AttributeSource, "stability" | "deprecated"> {
  return {
    ...(stability === undefined || stability === "development" ? {} : { stability }),
    ...(deprecated === undefined
      ? {}
      : { deprecated: deprecationOf(name, deprecated, declared, losses) }),
  };
}

function deprecationOf(
  name: string,
  { renamedTo, note = "" }: RegistryDeprecation,
  declared: readonly string[],
  losses: Losses,
) {
  if (renamedTo !== undefined && declared.includes(renamedTo)) {
    return { renamedTo, ...(note === "" ? {} : { note }) };
  }
  if (renamedTo !== undefined) {
    losses.add("Renames are kept as notes, for the new name is not in the contract", name);
  }
  const renamed = renamedTo === undefined ? [] : [`Renamed to ${renamedTo}.`];
  return { note: [...renamed, ...(note === "" ? [] : [note])].join(" ") };
}

/** Only what there is. */
export function defined<Values extends object>(
  values: Values,
): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Values]?: Exclude<Values[Key], undefined>;
  };
}

/** Definitions that only say what a name is now, and that nothing of the registry has. */
function formerNames({ attributes, ownAttributes, signals }: Registry): Map<string, string[]> {
  const used = new Set(signals.flatMap(({ uses }) => uses.map(({ key }) => key)));
  const former = [...ownAttributes].flatMap((key) => {
    const { deprecated, facts } = attributes.get(key) ?? {};
    const now = deprecated?.renamedTo;
    const isFormer = facts === undefined && !used.has(key) && now !== undefined;
    return isFormer && attributes.has(now) ? [{ key, now }] : [];
  });
  const nowOf = new Map(former.map(({ key, now }) => [key, now]));
  const last = (name: string) => {
    const seen = new Set<string>();
    let now = name;
    for (let next = nowOf.get(now); next !== undefined && !seen.has(now); next = nowOf.get(now)) {
      seen.add(now);
      now = next;
    }
    return now;
  };
  const byNow = Map.groupBy(former, ({ now }) => last(now));
  return new Map([...byNow].map(([now, all]) => [now, all.map(({ key }) => key)]));
}
