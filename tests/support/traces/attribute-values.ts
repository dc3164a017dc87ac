/** For tests: values that a contract's attributes can have, in code and on the wire. */
import fc from "fast-check";
import type { Attribute, KeyValue, Value } from "#contract";
import type { Draw } from "./draw.ts";
import { text } from "./otlp-spans.ts";

/** What is drawn from must be the same function every time: fast-check keeps it and compares. */
const builders = new WeakMap<Attribute, () => fc.Arbitrary<unknown>>();

/** A value of the attribute, other than those that are reserved. */
export function drawValue(
  draw: Draw,
  attribute: Attribute,
  reserved: readonly unknown[] = [],
): unknown {
  let builder = builders.get(attribute);
  if (builder === undefined) {
    const values = arbitraryValues(attribute);
    builder = () => values;
    builders.set(attribute, builder);
  }
  let value = draw(builder);
  while (reserved.includes(value)) {
    value = draw(builder);
  }
  return value;
}

function arbitraryValues({ type, values, pattern, min, max }: Attribute): fc.Arbitrary<unknown> {
  if (values !== undefined) {
    return fc.constantFrom(...values);
  }
  switch (type) {
    case "int":
      return fc.integer({ min: min ?? -1000, max: max ?? 1_000_000 });
    case "double":
      return fc.double({ min: min ?? -1e9, max: max ?? 1e9, noNaN: true });
    case "string":
      return pattern === undefined ? text : fc.stringMatching(pattern);
    case "boolean":
      return fc.boolean();
    default:
      return type satisfies never;
  }
}

/** The attribute as an exporter writes it: a whole double as an integer, now and then. */
export function toKeyValue(draw: Draw, attribute: Attribute, value: unknown): KeyValue {
  return { key: attribute.key, value: toWire(draw, attribute, value) };
}

function toWire(draw: Draw, { type }: Attribute, value: unknown): Value {
  switch (type) {
    case "int":
      return { type: "int", value: BigInt(value as number) };
    case "double":
      return Number.isInteger(value) && draw(fc.boolean)
        ? { type: "int", value: BigInt(value as number) }
        : { type: "double", value: value as number };
    case "string":
      return { type: "string", value: value as string };
    case "boolean":
      return { type: "bool", value: value as boolean };
    default:
      return type satisfies never;
  }
}
