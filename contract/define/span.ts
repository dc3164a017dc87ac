import type { SpanKind } from "../otlp/span.ts";
import { type Attribute, type AttributeRecord, type ValuesOf, validateValue } from "./attribute.ts";
import { DefinitionError } from "./definition-error.ts";
import {
  type DefinedLifecycle,
  type Lifecycle,
  lifecycleFaults,
  lifecycleOf,
} from "./lifecycle.ts";

/** The kinds of spans in a contract; `unspecified` is for spans of others. */
export type ContractSpanKind = Exclude<SpanKind, "unspecified">;

/**
 * When a span exists, if its parent does and the request got that far:
 * `always`; `optional`, if the request asked for it; `sampled`, any number of times or never.
 */
export type Presence = "always" | "optional" | "sampled";

/** Requests of one kind: those whose root has one of these values. */
export interface RequestKind {
  /** The identifier of an attribute that the root has from its start. */
  readonly attribute: string;
  readonly isOneOf: readonly string[];
}

/** The declaration of a span. The lists have identifiers of attributes. */
export interface SpanDescription<Identifier extends string = string> extends Lifecycle {
  readonly brief: string;
  /** The identifier of the parent, or null for the root of a request. */
  readonly parent: string | null;
  /** Further parents, as of a query that many stages make. Such a span is sampled. */
  readonly alsoUnder?: readonly string[];
  readonly kind?: ContractSpanKind;
  readonly presence?: Presence;
  /** For a child of the root: the only requests that have it. */
  readonly onlyFor?: RequestKind;
  /** The instrumentation scope's name, if it is not the contract's tracer: a library's. */
  readonly tracer?: string;
  /** True if nobody waits for the span: it may end after its parent. */
  readonly detached?: boolean;
  /** Known when the span starts, so always set. */
  readonly atStart?: readonly Identifier[];
  /** Known when the span ends, however it ends, so always set. */
  readonly atEnd?: readonly Identifier[];
  /** Set if the stage succeeded; a stage that was interrupted or threw sets what it knows. */
  readonly onSuccess?: readonly Identifier[];
  readonly optional?: readonly Identifier[];
  /**
   * Values that an interrupted span has instead of those on success. A successful span never has
   * them.
   */
  readonly whenInterrupted?: Readonly<Record<string, unknown>>;
  /** The same for a span whose stage threw. */
  readonly whenFailed?: Readonly<Record<string, unknown>>;
}

interface NamedDescription<Identifier extends string = string> extends SpanDescription<Identifier> {
  readonly name: string;
}

/** A declared span. The phantom `types` carries its attributes' value types. */
export interface SpanDefinition<Types extends SpanTypes = SpanTypes> extends DefinedLifecycle {
  readonly identifier: string;
  readonly name: string;
  readonly brief: string;
  /** The identifier of the parent, or null for the root of a request. */
  readonly parent: string | null;
  readonly kind: ContractSpanKind;
  readonly presence: Presence;
  readonly onlyFor?: RequestKind;
  readonly alsoUnder?: readonly string[];
  readonly tracer?: string;
  readonly detached?: boolean;
  /** The index among the children of the same parent, from 0. */
  readonly order: number;
  /** The span's attributes by identifier, in order of declaration. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly atStart: readonly string[];
  readonly atEnd: readonly string[];
  readonly onSuccess: readonly string[];
  readonly optional: readonly string[];
  readonly whenInterrupted: Readonly<Record<string, unknown>>;
  readonly whenFailed: Readonly<Record<string, unknown>>;
  /** Only for types; undefined at run time. */
  readonly types?: Types;
}

/** The values that a span takes at each time, as object types of identifier → value. */
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
/** The values required to start a span. */
export type AtStart<Definition> = TypesOf<Definition>["atStart"];
/** The values required to end a span, however it ends. */
export type AtEnd<Definition> = TypesOf<Definition>["atEnd"];
/** The values required to end a span whose stage succeeded. */
export type OnSuccess<Definition> = TypesOf<Definition>["onSuccess"];
/** The values that may be set at any time while the span runs. */
export type Settable<Definition> = TypesOf<Definition>["settable"];

/** An object type with only the keys of `Known`. */
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

/** The identifiers in a group of a declaration. */
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
 * Declares the span tree of one request, in execution order: the children of a parent run as they are
 * written here. A service with several kinds of requests has a root for each; the first is the main one.
 * @throws DefinitionError with every fault: no root, or one that is not always there; an unknown parent,
 *   or several of a span that is not sampled; a duplicate name; an attribute that is unknown or listed twice; a replacement for an
 *   attribute that is not set on success, or with a value that it does not take.
 */
export function defineSpanTree<
  Attributes extends AttributeRecord,
  const Descriptions extends Readonly<Record<string, NamedDescription<keyof Attributes & string>>>,
>(attributes: Attributes, descriptions: Descriptions): SpanTree<Attributes, Descriptions> {
  const faults = listTreeFaults(attributes, descriptions);
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
    brief: description.brief,
    parent: description.parent,
    kind: description.kind ?? "internal",
    presence: description.presence ?? "always",
    order,
    ...(description.onlyFor === undefined ? {} : { onlyFor: description.onlyFor }),
    ...(description.alsoUnder === undefined ? {} : { alsoUnder: description.alsoUnder }),
    ...(description.tracer === undefined ? {} : { tracer: description.tracer }),
    ...(description.detached === undefined ? {} : { detached: description.detached }),
    attributes: Object.fromEntries(
      identifiers.map((attribute) => [attribute, attributes[attribute] as Attribute]),
    ),
    atStart,
    atEnd,
    onSuccess,
    optional,
    whenInterrupted: { ...description.whenInterrupted },
    whenFailed: { ...description.whenFailed },
    ...lifecycleOf(description),
  };
}

function listTreeFaults(
  attributes: AttributeRecord,
  descriptions: Readonly<Record<string, NamedDescription>>,
): string[] {
  const faults: string[] = [];
  const entries = Object.entries(descriptions);
  const roots = entries.filter(([, description]) => description.parent === null);
  if (roots.length === 0) {
    faults.push("every span has a parent, and one must be the root");
  }
  for (const [identifier, { presence = "always" }] of roots) {
    if (presence !== "always") {
      faults.push(`${identifier}: it is the root, so its presence is always, not ${presence}`);
    }
  }
  const known = new Set<string>();
  const names = new Set<string>();
  for (const [identifier, description] of entries) {
    // A parent stands before its children, so the file has the tree's order and parents cannot form a
    // cycle.
    const { parent, alsoUnder = [], presence } = description;
    for (const above of parent === null ? [] : [parent, ...alsoUnder]) {
      if (!known.has(above)) {
        faults.push(`${identifier}: its parent ${above} is not declared before it`);
      }
    }
    if (alsoUnder.length > 0 && (parent === null || presence !== "sampled")) {
      faults.push(`${identifier}: it has several parents, so its presence must be sampled`);
    }
    if (names.has(description.name)) {
      faults.push(`${identifier}: another span is called ${description.name} too`);
    }
    faults.push(...listKindFaults(attributes, identifier, description, descriptions));
    known.add(identifier);
    names.add(description.name);
    faults.push(...listAttributeFaults(attributes, identifier, description));
  }
  return [...faults, ...lifecycleFaults(descriptions)];
}

function listKindFaults(
  attributes: AttributeRecord,
  identifier: string,
  { parent, onlyFor }: NamedDescription,
  descriptions: Readonly<Record<string, NamedDescription>>,
): string[] {
  if (onlyFor === undefined) {
    return [];
  }
  const { attribute, isOneOf } = onlyFor;
  const above = descriptions[parent ?? ""];
  const unknown = isOneOf.filter((value) => !attributes[attribute]?.values?.includes(value));
  return [
    ...(above?.parent === null && above.atStart?.includes(attribute)
      ? []
      : [
          `${identifier}: it is only for some requests, and no child of a root that starts with ${attribute}`,
        ]),
    ...unknown.map(
      (value) => `${identifier}: it is only for ${value}, which ${attribute} does not take`,
    ),
  ];
}

/**
 * Whether a request of this kind may have the span.
 * @param readValue Of the root's attributes, by identifier; undefined where it is not known, and any may.
 */
export function isForRequest(
  { onlyFor }: Pick<SpanDefinition, "onlyFor">,
  readValue: (identifier: string) => unknown,
): boolean {
  const value = onlyFor && readValue(onlyFor.attribute);
  return value === undefined || onlyFor?.isOneOf.includes(String(value)) === true;
}

function listAttributeFaults(
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
        ? validateValue(definition, value)
        : "for nothing that is set on success";
      return fault ? [`${identifier}: the replacement of ${attribute} is ${fault}`] : [];
    }),
  ];
}

/** Returns the entries that repeat an earlier one. */
export function repeated(list: readonly string[]): string[] {
  return list.filter((entry, index) => list.indexOf(entry) !== index);
}
