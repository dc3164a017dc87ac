import { DefinitionError } from "./definition-error.ts";
import {
  type DefinedLifecycle,
  type Lifecycle,
  lifecycleFaults,
  lifecycleOf,
} from "./lifecycle.ts";

/** The TypeScript type of an attribute's value. */
export interface ValueByType {
  int: number;
  double: number;
  string: string;
  boolean: boolean;
}

export type AttributeType = keyof ValueByType;

/** The same attribute in OpenTelemetry's semantic conventions. */
export interface SemanticConvention {
  readonly key: string;
  /** How to convert the value to the convention, if needed. */
  readonly transform?: "to-seconds-from-microseconds" | "to-array";
}

interface Description<Value> extends Lifecycle {
  readonly brief: string;
  readonly examples: readonly [Value, ...Value[]];
  /** A UCUM unit, as in OpenTelemetry: `{token}`, `us`, `ms`. */
  readonly unit?: string;
  /** The smallest and the largest possible value. */
  readonly min?: number;
  readonly max?: number;
  /** A pattern that every value matches completely. */
  readonly pattern?: RegExp;
  readonly semconv?: string | SemanticConvention;
  /** True if this project adds the attribute to those that its users expect. */
  readonly extension?: boolean;
  /** True if nearly every span has a different value, so that it cannot be a metric label. */
  readonly unique?: boolean;
}

/** An attribute: its wire name, type and meaning. The type parameter carries the value's type. */
export interface Attribute<Type extends AttributeType = AttributeType, Value = unknown>
  extends DefinedLifecycle {
  readonly key: string;
  readonly type: Type;
  readonly brief: string;
  readonly examples: readonly Value[];
  readonly unit: string | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly pattern: RegExp | undefined;
  /** The closed list of values, if there is one. */
  readonly values: readonly Value[] | undefined;
  readonly semconv: SemanticConvention | undefined;
  readonly extension: boolean;
  readonly unique: boolean;
}

export type AttributeRecord = Readonly<Record<string, Attribute>>;

/** The type of an attribute's value: `ValueOf<typeof attributes.tokensOut>` is `number`. */
export type ValueOf<Definition> =
  Definition extends Attribute<infer _Type, infer Value> ? Value : never;

/** The values of the named attributes, by identifier. */
export type ValuesOf<Attributes, Identifier extends keyof Attributes> = [Identifier] extends [never]
  ? NoValues
  : { readonly [Key in Identifier]: ValueOf<Attributes[Key]> };

declare const noValue: unique symbol;

/**
 * An object without keys. TypeScript accepts every object as `{}`, but not as a type whose members are
 * all optional. Unlike `Record<string, never>`, it can be combined with other values.
 */
interface NoValues {
  readonly [noValue]?: never;
}

/** A whole number. Must be below 2^53. */
export function int<const Key extends string>(
  key: WithoutContent<Key>,
  description: Description<number>,
): Attribute<"int", number> {
  return attribute("int", key, description);
}

/** A measured number. Give it a `unit`: `1` if it has none. A whole one may arrive as an integer: readers convert it to this type. */
export function double<const Key extends string>(
  key: WithoutContent<Key>,
  description: Description<number>,
): Attribute<"double", number> {
  return attribute("double", key, description);
}

/** A string. Give it a `pattern` if possible, to keep content out. */
export function string<const Key extends string>(
  key: WithoutContent<Key>,
  description: Description<string>,
): Attribute<"string", string> {
  return attribute("string", key, description);
}

export function boolean<const Key extends string>(
  key: WithoutContent<Key>,
  description: Omit<Description<boolean>, "examples" | "pattern" | "unit">,
): Attribute<"boolean", boolean> {
  return attribute("boolean", key, { ...description, examples: [true, false] });
}

/** A string from a closed list. */
export function oneOf<const Key extends string, const Value extends string>(
  key: WithoutContent<Key>,
  values: readonly [Value, ...Value[]],
  description: Omit<Description<Value>, "examples" | "pattern" | "unit">,
): Attribute<"string", Value> {
  return { ...attribute("string", key, { ...description, examples: values }), values };
}

function attribute<Type extends AttributeType, Value>(
  type: Type,
  key: string,
  description: Description<Value>,
): Attribute<Type, Value> {
  const { semconv } = description;
  return {
    key,
    type,
    brief: description.brief,
    examples: description.examples,
    unit: description.unit,
    min: description.min,
    max: description.max,
    pattern: description.pattern && wholeValue(description.pattern),
    values: undefined,
    semconv: typeof semconv === "string" ? { key: semconv } : semconv,
    extension: description.extension ?? false,
    unique: description.unique ?? false,
    ...lifecycleOf(description),
  };
}

const [before, after] = ["^(?:", ")$"] as const;

function wholeValue(pattern: RegExp): RegExp {
  return new RegExp(before + pattern.source + after, pattern.ignoreCase ? "iu" : "u");
}

/** The source of an attribute's pattern as it was declared. */
export function declaredPattern(pattern: RegExp): string {
  return pattern.source.slice(before.length, -after.length);
}

/**
 * Declares the attributes of a service, by the identifiers that code uses.
 * @throws DefinitionError with every fault: a name that is a duplicate, not in OpenTelemetry's format or
 *   reserved for content; an example that does not fit its definition; a rename that leads nowhere.
 */
export function defineAttributes<const Attributes extends AttributeRecord>(
  attributes: Attributes,
): Attributes {
  const faults: string[] = [];
  const identifierByKey = new Map<string, string>();
  for (const [identifier, definition] of Object.entries(attributes)) {
    const other = identifierByKey.get(definition.key);
    if (other !== undefined) {
      faults.push(`${identifier} and ${other} have the same wire name ${definition.key}`);
    }
    identifierByKey.set(definition.key, identifier);
    if (!/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/.test(definition.key)) {
      faults.push(
        `${identifier}: ${definition.key} is not lower_case words with dots between them`,
      );
    }
    const content = contentFault(definition.key);
    if (content !== undefined) {
      faults.push(`${identifier}: ${content}`);
    }
    for (const example of definition.examples) {
      const fault = validateValue(definition, example);
      if (fault !== undefined) {
        faults.push(`${identifier}: the example ${String(example)} is ${fault}`);
      }
    }
  }
  const living = Object.entries(attributes).map(
    ([identifier, definition]) => [identifier, { ...definition, name: definition.key }] as const,
  );
  faults.push(...lifecycleFaults(Object.fromEntries(living)));
  DefinitionError.throwIfAny("attributes", faults);
  return attributes;
}

/**
 * Returns what is wrong with a value for this attribute, or undefined. The sentence says what the
 * attribute takes and never repeats the value, which may be private.
 */
export function validateValue(definition: Attribute, value: unknown): string | undefined {
  const typeFault = findTypeFault(definition.type, value);
  if (typeFault !== undefined) {
    return typeFault;
  }
  if (definition.values !== undefined && !definition.values.includes(value)) {
    return `not one of ${definition.values.join(", ")}`;
  }
  if (definition.pattern?.test(String(value)) === false) {
    return `not of the form ${definition.pattern.source}`;
  }
  if (typeof value === "number" && value < (definition.min ?? Number.NEGATIVE_INFINITY)) {
    return `below ${definition.min}`;
  }
  if (typeof value === "number" && value > (definition.max ?? Number.POSITIVE_INFINITY)) {
    return `above ${definition.max}`;
  }
  return undefined;
}

function findTypeFault(type: AttributeType, value: unknown): string | undefined {
  switch (type) {
    case "int":
      return Number.isSafeInteger(value) ? undefined : "not a whole number";
    case "double":
      return typeof value === "number" && Number.isFinite(value) ? undefined : "not a number";
    case "string":
      return typeof value === "string" ? undefined : "not a string";
    case "boolean":
      return typeof value === "boolean" ? undefined : "not true or false";
    default:
      return type satisfies never;
  }
}

/**
 * Keys for what a user or a model wrote. The log redactor drops every field with such a key, at any
 * depth and in any case, so no contract may declare one. Note that "context" contains "text".
 */
export const contentKey = /prompt|completion|messages|text/i;

type ContentWord = "prompt" | "completion" | "messages" | "text";

/** The key, or never if it stands for content: such a field does not compile. */
export type WithoutContent<Key extends string> =
  Lowercase<Key> extends `${string}${ContentWord}${string}` ? never : Key;

/** Returns what is wrong with a key that stands for content, or undefined. */
export function contentFault(key: string): string | undefined {
  const word = contentKey.exec(key)?.[0];
  return word && `${key} has "${word}" in it, which stands for content and is redacted`;
}
