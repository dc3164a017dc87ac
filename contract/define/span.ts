import type { SpanKind } from "../otlp/span.ts";
import { type Attribute, type AttributeRecord, faultOfValue, type ValuesOf } from "./attribute.ts";
import { DefinitionError } from "./definition-error.ts";

/** The kinds that a contract may give a span; `unspecified` is for other people's spans. */
export type ContractSpanKind = Exclude<SpanKind, "unspecified">;

/**
 * When a span is there, given that its parent is and that the request got so far:
 * `always`; `on-demand`, when the request asked for it; `sampled`, any number of times or never.
 */
export type Presence = "always" | "on-demand" | "sampled";

/** What a span is declared with. The lists hold identifiers of attributes. */
export interface SpanDescription<Identifier extends string = string> {
  readonly meaning: string;
  /** The identifier of the parent, or null for the root of a request. */
  readonly parent: string | null;
  readonly kind?: ContractSpanKind;
  readonly presence?: Presence;
  /** Known when the span starts, so always there. */
  readonly atStart?: readonly Identifier[];
  /** Known when the span ends, however it ends, so always there. */
  readonly atEnd?: readonly Identifier[];
  /** There when the stage did its work; a stage that was interrupted or threw sets what it knows. */
  readonly onSuccess?: readonly Identifier[];
  readonly optional?: readonly Identifier[];
  /**
   * What a span that was interrupted says instead of what it would have said on success. A span that
   * did its work never says so.
   */
  readonly whenInterrupted?: Readonly<Record<string, unknown>>;
  /** The same for a span whose stage threw. */
  readonly whenFailed?: Readonly<Record<string, unknown>>;
}

interface NamedDescription<Identifier extends string = string> extends SpanDescription<Identifier> {
  readonly name: string;
}

/** A declared span. Its attributes' value types ride along in the phantom `types`. */
export interface SpanDefinition<Types extends SpanTypes = SpanTypes> {
  readonly identifier: string;
  readonly name: string;
  readonly meaning: string;
  /** The identifier of the parent, or null for the root of a request. */
  readonly parent: string | null;
  readonly kind: ContractSpanKind;
  readonly presence: Presence;
  /** The place among the children of the same parent, from 0. */
  readonly order: number;
  /** The span's attributes by identifier, in order of declaration. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly atStart: readonly string[];
  readonly atEnd: readonly string[];
  readonly onSuccess: readonly string[];
  readonly optional: readonly string[];
  readonly whenInterrupted: Readonly<Record<string, unknown>>;
  readonly whenFailed: Readonly<Record<string, unknown>>;
  /** Never there at run time. */
  readonly types?: Types;
}

/** The values that a span takes and when, each an object type of identifier → value. */
export interface SpanTypes {
  readonly identifiers: string;
  readonly atStart: object;
  readonly atEnd: object;
  readonly onSuccess: object;
  readonly settable: object;
}

type TypesOf<Definition> = Definition extends SpanDefinition<infer Types> ? Types : never;

/** The identifiers of a span's attributes. */
export type IdentifierOf<Definition> = TypesOf<Definition>["identifiers"];
/** What must be given to start a span. */
export type AtStart<Definition> = TypesOf<Definition>["atStart"];
/** What must be given to end a span, however it ends. */
export type AtEnd<Definition> = TypesOf<Definition>["atEnd"];
/** What must be given to end a span whose stage did its work. */
export type OnSuccess<Definition> = TypesOf<Definition>["onSuccess"];
/** What may be set at any time while the span runs. */
export type Settable<Definition> = TypesOf<Definition>["settable"];

/** An object type that takes no other keys than those of `Known`. */
export type OnlyKeysOf<Known, Given> = {
  readonly [Key in Exclude<keyof Given, keyof Known>]: never;
};

/** Describes one span of the tree; `defineSpanTree` checks it against the attributes and the others. */
export function span<const Description extends SpanDescription>(
  name: string,
  description: Description & OnlyKeysOf<SpanDescription, Description>,
): Description & { readonly name: string } {
  return { name, ...description };
}

/** The identifiers that a description lists in a group. */
export type Listed<Description, Group extends string> = Description extends {
  readonly [Key in Group]: readonly (infer Identifier extends string)[];
}
  ? Identifier
  : never;

interface TypesOfDescription<Attributes extends AttributeRecord, Description> extends SpanTypes {
  readonly identifiers:
    | Listed<Description, "atStart">
    | Listed<Description, "atEnd">
    | Listed<Description, "onSuccess">
    | Listed<Description, "optional">;
  readonly atStart: ValuesOf<Attributes, Listed<Description, "atStart">>;
  readonly atEnd: ValuesOf<Attributes, Listed<Description, "atEnd">>;
  readonly onSuccess: ValuesOf<Attributes, Listed<Description, "onSuccess">>;
  readonly settable: Partial<
    ValuesOf<
      Attributes,
      | Listed<Description, "atEnd">
      | Listed<Description, "onSuccess">
      | Listed<Description, "optional">
    >
  >;
}

export type SpanTree<Attributes extends AttributeRecord, Descriptions> = {
  readonly [Key in keyof Descriptions]: SpanDefinition<
    TypesOfDescription<Attributes, Descriptions[Key]>
  >;
};

export type SpanRecord = Readonly<Record<string, SpanDefinition>>;

/**
 * Declares the tree of spans that one request leaves behind, in the order in which its stages run:
 * the children of a parent follow each other as they are written here.
 * @throws DefinitionError naming every fault: no root or several, or one that is not always there;
 *   an unknown parent, a name used twice, an unknown attribute or one listed twice, a replacement
 *   that is not for what is set on success or that its attribute does not take.
 */
export function defineSpanTree<
  Attributes extends AttributeRecord,
  const Descriptions extends Readonly<Record<string, NamedDescription<keyof Attributes & string>>>,
>(attributes: Attributes, descriptions: Descriptions): SpanTree<Attributes, Descriptions> {
  const faults = faultsOfTree(attributes, descriptions);
  DefinitionError.throwIfAny("span tree", faults);
  const siblings = new Map<string | null, number>();
  const tree: Record<string, SpanDefinition> = {};
  for (const [identifier, description] of Object.entries(descriptions)) {
    const order = siblings.get(description.parent) ?? 0;
    siblings.set(description.parent, order + 1);
    tree[identifier] = toDefinition(attributes, identifier, description, order);
  }
  return tree as SpanTree<Attributes, Descriptions>;
}

function toDefinition(
  attributes: AttributeRecord,
  identifier: string,
  description: NamedDescription,
  order: number,
): SpanDefinition {
  const { atStart = [], atEnd = [], onSuccess = [], optional = [] } = description;
  const identifiers = [...atStart, ...atEnd, ...onSuccess, ...optional];
  return {
    identifier,
    name: description.name,
    meaning: description.meaning,
    parent: description.parent,
    kind: description.kind ?? "internal",
    presence: description.presence ?? "always",
    order,
    attributes: Object.fromEntries(
      identifiers.map((attribute) => [attribute, attributes[attribute] as Attribute]),
    ),
    atStart,
    atEnd,
    onSuccess,
    optional,
    whenInterrupted: { ...description.whenInterrupted },
    whenFailed: { ...description.whenFailed },
  };
}

function faultsOfTree(
  attributes: AttributeRecord,
  descriptions: Readonly<Record<string, NamedDescription>>,
): string[] {
  const faults: string[] = [];
  const entries = Object.entries(descriptions);
  const roots = entries.filter(([, description]) => description.parent === null);
  if (roots.length !== 1) {
    faults.push(`${roots.length} spans have no parent, and exactly one must be the root`);
  }
  for (const [identifier, { presence = "always" }] of roots) {
    if (presence !== "always") {
      faults.push(`${identifier}: it is the root, so its presence is always, not ${presence}`);
    }
  }
  const known = new Set<string>();
  const names = new Set<string>();
  for (const [identifier, description] of entries) {
    // A parent stands before its children, so the order of the file is the order of the tree, and
    // a circle of parents cannot be written.
    if (description.parent !== null && !known.has(description.parent)) {
      faults.push(`${identifier}: its parent ${description.parent} is not declared before it`);
    }
    if (names.has(description.name)) {
      faults.push(`${identifier}: another span is called ${description.name} too`);
    }
    known.add(identifier);
    names.add(description.name);
    faults.push(...faultsOfAttributes(attributes, identifier, description));
  }
  return faults;
}

function faultsOfAttributes(
  attributes: AttributeRecord,
  identifier: string,
  description: NamedDescription,
): string[] {
  const { atStart = [], atEnd = [], onSuccess = [], optional = [] } = description;
  const listed = [...atStart, ...atEnd, ...onSuccess, ...optional];
  const instead = [description.whenInterrupted, description.whenFailed].flatMap((values) =>
    Object.entries(values ?? {}),
  );
  return [
    ...listed
      .filter((attribute) => !Object.hasOwn(attributes, attribute))
      .map((attribute) => `${identifier}: there is no attribute ${attribute}`),
    ...repeated(listed).map((attribute) => `${identifier}: lists ${attribute} twice`),
    ...instead.flatMap(([attribute, value]) => {
      const definition = onSuccess.includes(attribute) ? attributes[attribute] : undefined;
      const fault = definition
        ? faultOfValue(definition, value)
        : "for nothing that is set on success";
      return fault ? [`${identifier}: the replacement of ${attribute} is ${fault}`] : [];
    }),
  ];
}

/** The entries that stand in a list again after they have stood there once. */
export function repeated(list: readonly string[]): string[] {
  return list.filter((entry, index) => list.indexOf(entry) !== index);
}
