import { changesAllowed, nearestTo } from "#contract";
import { type Carrier, type Import, readContent } from "./carriers.ts";
import { readAttribute, readNamed, readUse } from "./read-parts.ts";
import type { AttributeUse, Registry, RegistryAttribute, RegistrySignal } from "./registry.ts";
import type { YamlPart } from "./yaml-part.ts";

/**
 * Reads the files of a registry, of both versions, and follows every reference. What is wrong goes to
 * the files' faults, each with its line. Of dependencies, only what is referenced or imported is taken.
 */
export function readRegistry(
  own: readonly YamlPart[],
  dependencies: readonly YamlPart[],
): Registry {
  const known = new KnownParts();
  for (const file of dependencies) {
    known.add(file, false);
  }
  for (const file of own) {
    known.add(file, true);
  }
  const signals = known.listSignals();
  const unread = Map.groupBy(
    own.flatMap((file) => file.unread()),
    (what) => what,
  );
  return {
    attributes: known.attributes,
    ownAttributes: known.ownAttributes,
    signals,
    unread: new Map([...unread].map(([what, all]) => [what, all.length])),
  };
}

/** Every attribute and everything that has some, by the names by which files refer to them. */
class KnownParts {
  readonly attributes = new Map<string, RegistryAttribute>();
  readonly ownAttributes = new Set<string>();
  readonly #carriers = new Map<string, Carrier>();
  readonly #own: Carrier[] = [];
  readonly #imports: Import[] = [];

  add(file: YamlPart, isOwn: boolean): void {
    const { definitions, carriers, imports } = readContent(file);
    for (const { key, part } of definitions) {
      if (isOwn && this.ownAttributes.has(key)) {
        part.fault(`${key} is defined at ${this.attributes.get(key)?.place} too.`);
      }
      this.attributes.set(key, readAttribute(key, part));
      if (isOwn) {
        this.ownAttributes.add(key);
      }
    }
    for (const carrier of carriers) {
      for (const reference of carrier.references) {
        this.#carriers.set(reference, carrier);
      }
    }
    if (isOwn) {
      this.#own.push(...carriers);
      this.#imports.push(...imports);
    }
  }

  /** The registry's own signals and those that it imports; of a refined one, the refined. */
  listSignals(): RegistrySignal[] {
    const carriers = [...this.#imports.flatMap((wanted) => this.#find(wanted)), ...this.#own];
    const byName = new Map(
      carriers.map((carrier) => [`${carrier.kind}:${carrier.name}`, carrier] as const),
    );
    // Groups are looked at too: a reference that leads nowhere is wrong wherever it is.
    return [...byName.values()].flatMap((carrier) => {
      const uses = this.#listUses(carrier, []);
      return carrier.kind === "group" ? [] : [this.#signal(carrier, carrier.kind, uses)];
    });
  }

  #signal(
    { part, name, base }: Carrier,
    kind: RegistrySignal["kind"],
    uses: readonly AttributeUse[],
  ): RegistrySignal {
    const refined = base === undefined ? undefined : this.#carriers.get(base)?.part;
    const read = (key: string) => part.text(key) ?? refined?.text(key) ?? "";
    const named = readNamed(part);
    part.get("entity_associations")?.value();
    part.passOver("requirement_level", "recommended");
    return {
      ...named,
      brief: named.brief || (refined === undefined ? "" : readNamed(refined).brief),
      kind,
      name,
      uses,
      wireName: part.get("name", "name")?.isMap === true ? nameNote(part) : "",
      spanKind: read("kind") || read("span_kind"),
      instrument: read("instrument"),
      unit: read("unit"),
    };
  }

  #find({ kind, wildcard, part }: Import): Carrier[] {
    const parts = wildcard.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    const pattern = new RegExp(`^${kind}:${parts.join(".*")}$`);
    const found = [...this.#carriers].filter(([reference]) => pattern.test(reference));
    if (found.length === 0) {
      part.fault(`No dependency that is here has a ${kind} ${wildcard}.`);
    }
    return found.map(([, carrier]) => carrier);
  }

  /** The attributes of a carrier: those of its base, of groups that it refers to, and its own. */
  #listUses(carrier: Carrier, above: readonly Carrier[]): readonly AttributeUse[] {
    if (above.includes(carrier)) {
      carrier.part.fault(`${carrier.name} refers to itself.`);
      return [];
    }
    const path = [...above, carrier];
    const ofBase = carrier.base === undefined ? [] : this.#follow(carrier.base, carrier.part, path);
    const groups: AttributeUse[] = [];
    const own: AttributeUse[] = [];
    for (const { key, part, isIdentity } of carrier.uses) {
      const group = part.text("ref_group");
      if (group !== undefined) {
        groups.push(...this.#follow(`group:${group}`, part, path));
      } else if (key === "") {
        part.fault("This attribute has neither an id nor a ref.");
      } else if (this.#isKnown(key, part)) {
        own.push(readUse(part, key, isIdentity));
      }
    }
    return [...new Map([...ofBase, ...groups, ...own].map((use) => [use.key, use])).values()];
  }

  #follow(reference: string, part: YamlPart, path: readonly Carrier[]): readonly AttributeUse[] {
    const carrier = this.#carriers.get(reference);
    if (carrier === undefined) {
      const [kind = "", ...name] = reference.split(":");
      part.fault(`There is no ${kind} ${name.join(":")}${this.#near(reference, this.#carriers)}`);
      return [];
    }
    return this.#listUses(carrier, path);
  }

  #isKnown(key: string, part: YamlPart): boolean {
    if (this.attributes.has(key)) {
      return true;
    }
    part.fault(`There is no attribute ${key}${this.#near(key, this.attributes)}`);
    return false;
  }

  #near(name: string, known: ReadonlyMap<string, unknown>): string {
    const nearest = nearestTo(name, [...known.keys()], changesAllowed(name));
    return nearest === undefined ? "." : `; did you mean ${nearest.split(":").at(-1)}?`;
  }
}

/** How a span's name is made, in words or as the name itself. */
function nameNote(part: YamlPart): string {
  return part.get("name", "name")?.text("note") ?? "";
}
