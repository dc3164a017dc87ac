import type { Attribute } from "#contract";
import { goPattern } from "./go-pattern.ts";

/** What a statement of the Collector's transformation language can speak of. */
export type OttlContext =
  | "resource"
  | "scope"
  | "span"
  | "spanevent"
  | "metric"
  | "datapoint"
  | "log";

/**
 * A string without a list or a pattern is one that the operator sets, as a version. It is a word here:
 * nothing that anyone said fits in.
 */
const operatorsWord = /^[\w.+/@:-]{1,128}$/;

/** A text in double quotes. Its escapes are Go's, which JSON's are some of. */
export function text(value: string): string {
  return JSON.stringify(value);
}

/** `["a", "b"]` */
export function list(values: readonly string[]): string {
  return `[${values.map(text).join(", ")}]`;
}

/**
 * The statements after which exactly those attributes are left whose values are what they are declared
 * to be. What is allowed is set aside, everything goes, and what was set aside comes back: so neither
 * an unknown key, nor a second value under a known one, nor a value of another type stays.
 */
export function keepDeclared(context: OttlContext, attributes: readonly Attribute[]): string[] {
  return [
    ...attributes.map((attribute) => {
      const value = `${context}.attributes[${text(attribute.key)}]`;
      // The SDK sends a whole double as an integer; TraceQL would not find it among the others.
      const kept = attribute.type === "double" ? `Double(${value})` : value;
      const isAllowed = allowed(attribute, value);
      return `set(${context}.cache[${text(attribute.key)}], ${kept}) where ${isAllowed}`;
    }),
    `set(${context}.attributes, ${context}.cache)`,
  ];
}

/** Whether a value is what its attribute is declared to be. */
function allowed(attribute: Attribute, value: string): string {
  const { type, values, pattern = operatorsWord } = attribute;
  switch (type) {
    case "string":
      return values === undefined
        ? fits(value, pattern)
        : `ContainsValue(${list(values.map(String))}, ${value})`;
    case "boolean":
      return `IsBool(${value})`;
    case "int":
      return within(`IsInt(${value})`, value, attribute.min, attribute.max);
    case "double":
      // No number is above the largest one, so infinities and what is not a number stay out.
      return within(
        `(IsDouble(${value}) or IsInt(${value}))`,
        value,
        attribute.min ?? -Number.MAX_VALUE,
        attribute.max ?? Number.MAX_VALUE,
      );
    default:
      return type satisfies never;
  }
}

function within(isNumber: string, value: string, min?: number, max?: number): string {
  return [
    isNumber,
    ...(min === undefined ? [] : [`${value} >= ${min}`]),
    ...(max === undefined ? [] : [`${value} <= ${max}`]),
  ].join(" and ");
}

/** Whether a value is a text of a pattern. @throws RangeError for a pattern that Go does not know. */
export function fits(value: string, pattern: RegExp): string {
  const result = goPattern(pattern);
  if ("fault" in result) {
    throw new RangeError(result.fault);
  }
  return `IsString(${value}) and IsMatch(${value}, ${text(result.pattern)})`;
}
