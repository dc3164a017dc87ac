import { contentFault, type WithoutContent } from "./content.ts";
import { DefinitionError } from "./definition-error.ts";

/** The TypeScript type that an attribute's value has in code. */
interface ValueByType {
  int: number;
  double: number;
  string: string;
  boolean: boolean;
}

export type AttributeType = keyof ValueByType;

/** What OpenTelemetry's semantic conventions call the same thing. */
export interface SemanticConvention {
  readonly key: string;
  /** How the value must be changed to fit the convention, where it must. */
  readonly transform?: "to-seconds-from-microseconds" | "to-array";
}

interface Description<Value> {
  readonly meaning: string;
  readonly examples: readonly [Value, ...Value[]];
  /** A UCUM unit, as OpenTelemetry writes them: `{token}`, `us`, `ms`. */
  readonly unit?: string;
  /** The smallest and the largest value that can be. */
  readonly min?: number;
  readonly max?: number;
  /** The form that every value has, as a pattern for the whole value. */
  readonly form?: RegExp;
  readonly semconv?: string | SemanticConvention;
  /** True for what this project adds to the attributes that its users expect of it. */
  readonly extension?: boolean;
  /** True when nearly every span has another value, so that it can be no label of a metric. */
  readonly unique?: boolean;
}

/** One attribute: its name on the wire, its type, and what it means. The value's type rides along. */
export interface Attribute<Type extends AttributeType = AttributeType, Value = unknown> {
  readonly key: string;
  readonly type: Type;
  readonly meaning: string;
  readonly examples: readonly Value[];
  readonly unit: string | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly form: RegExp | undefined;
  /** The closed list of values, where there is one. */
  readonly values: readonly Value[] | undefined;
  readonly semconv: SemanticConvention | undefined;
  readonly extension: boolean;
  readonly unique: boolean;
}

export type AttributeRecord = Readonly<Record<string, Attribute>>;

/** The type of an attribute's value: `ValueOf<typeof attributes.tokensOut>` is `number`. */
export type ValueOf<Definition> =
  Definition extends Attribute<infer _Type, infer Value> ? Value : never;

/** The values of the named attributes, each under its identifier. */
export type ValuesOf<Attributes, Identifier extends keyof Attributes> = [Identifier] extends [never]
  ? NoValues
  : { readonly [Key in Identifier]: ValueOf<Attributes[Key]> };

declare const noValue: unique symbol;

/**
 * An object that takes no key: TypeScript lets every object pass as `{}`, but not as a type whose
 * members are all optional. It can be combined with other values, as `Record<string, never>` cannot.
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

/** A measured number. It may arrive as an integer when whole: readers convert it by this type. */
export function double<const Key extends string>(
  key: WithoutContent<Key>,
  description: Description<number>,
): Attribute<"double", number> {
  return attribute("double", key, description);
}

/** A string. Give it a `form` wherever its values have one: that is what keeps content out. */
export function string<const Key extends string>(
  key: WithoutContent<Key>,
  description: Description<string>,
): Attribute<"string", string> {
  return attribute("string", key, description);
}

export function boolean<const Key extends string>(
  key: WithoutContent<Key>,
  description: Omit<Description<boolean>, "examples" | "form" | "unit">,
): Attribute<"boolean", boolean> {
  return attribute("boolean", key, { ...description, examples: [true, false] });
}

/** A string out of a closed list. */
export function oneOf<const Key extends string, const Value extends string>(
  key: WithoutContent<Key>,
  values: readonly [Value, ...Value[]],
  description: Omit<Description<Value>, "examples" | "form" | "unit">,
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
    meaning: description.meaning,
    examples: description.examples,
    unit: description.unit,
    min: description.min,
    max: description.max,
    form: description.form && wholeValue(description.form),
    values: undefined,
    semconv: typeof semconv === "string" ? { key: semconv } : semconv,
    extension: description.extension ?? false,
    unique: description.unique ?? false,
  };
}

function wholeValue(form: RegExp): RegExp {
  return new RegExp(`^(?:${form.source})$`, form.ignoreCase ? "iu" : "u");
}

/**
 * Declares the attributes of a service, each under the identifier that code uses for it.
 * @throws DefinitionError naming every fault: a name used twice or not in OpenTelemetry's form, a
 *   name that stands for content, an example that its own definition refuses.
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
      const fault = faultOfValue(definition, example);
      if (fault !== undefined) {
        faults.push(`${identifier}: the example ${String(example)} is ${fault}`);
      }
    }
  }
  DefinitionError.throwIfAny("attributes", faults);
  return attributes;
}

/**
 * What is wrong with a value for this attribute, or undefined when nothing is. The sentence says
 * what the attribute takes, and never repeats the value: it may be what must not be printed.
 */
export function faultOfValue(definition: Attribute, value: unknown): string | undefined {
  const typeFault = faultOfType(definition.type, value);
  if (typeFault !== undefined) {
    return typeFault;
  }
  if (definition.values !== undefined && !definition.values.includes(value)) {
    return `not one of ${definition.values.join(", ")}`;
  }
  if (definition.form?.test(String(value)) === false) {
    return `not of the form ${definition.form.source}`;
  }
  if (typeof value === "number" && value < (definition.min ?? Number.NEGATIVE_INFINITY)) {
    return `below ${definition.min}`;
  }
  if (typeof value === "number" && value > (definition.max ?? Number.POSITIVE_INFINITY)) {
    return `above ${definition.max}`;
  }
  return undefined;
}

function faultOfType(type: AttributeType, value: unknown): string | undefined {
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
