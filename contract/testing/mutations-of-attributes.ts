/** For tests: what can be wrong with the attributes of spans and of their resource. */
import {
  type Attribute,
  type AttributeType,
  findValue,
  type KeyValue,
  type Resource,
  type Value,
} from "#contract";
import { pick } from "../../tests/support/traces/draw.ts";
import {
  change,
  isDone,
  type Mutation,
  type OwnSpan,
  pickAttribute,
  pickOwn,
  replaced,
  type Scene,
  withoutAttribute,
  withValue,
} from "./trace-fixture.ts";

export const mutationsOfAttributes: readonly Mutation[] = [
  {
    name: "an attribute that is always there is dropped",
    rule: "missing-attribute",
    apply: (scene) => {
      const picked = pickAttribute(scene, ({ own: { definition }, identifier }) =>
        [...definition.atStart, ...definition.atEnd].includes(identifier),
      );
      return picked && withoutAttribute(scene, picked.own, picked.attribute);
    },
  },
  {
    name: "an attribute that is there on success is dropped",
    rule: "missing-attribute",
    apply: (scene) => {
      const picked = pickAttribute(
        scene,
        ({ own, identifier }) =>
          own.definition.onSuccess.includes(identifier) && isDone(scene, own),
      );
      return picked && withoutAttribute(scene, picked.own, picked.attribute);
    },
  },
  {
    name: "an attribute has another type",
    rule: "wrong-type",
    apply: (scene) => {
      const picked = pickAttribute(scene);
      const value = picked && pick(scene.draw, wrongTypes[picked.attribute.type]);
      return value && withValue(scene, picked.own, picked.attribute, value);
    },
  },
  {
    name: "an attribute belongs to other spans",
    rule: "misplaced-attribute",
    apply: (scene) => {
      const own = pickOwn(scene);
      const others = Object.entries(scene.contract.attributes).filter(
        ([identifier]) => own?.definition.attributes[identifier] === undefined,
      );
      const [, attribute] = pick(scene.draw, others);
      return own && withValue(scene, own, attribute, getExample(attribute));
    },
  },
  {
    name: "an attribute is not in the contract",
    rule: "unknown-attribute",
    apply: (scene) => {
      const own = pickOwn(scene);
      return own && withValue(scene, own, { key: "not.in.the.contract" }, { type: "empty" });
    },
  },
  {
    name: "an attribute is there twice",
    rule: "duplicate-attribute",
    apply: (scene) => {
      const picked = pickAttribute(scene);
      const value = picked && findValue(picked.own.span.attributes, picked.attribute.key);
      const again = value && { key: picked.attribute.key, value };
      return again && change(scene, picked.own, insert(scene, picked.own, again));
    },
  },
  ...Object.entries({
    "not in its list": (attribute: Attribute): Value | undefined =>
      attribute.values && { type: "string", value: "not in the list" },
    "not of its form": (attribute: Attribute): Value | undefined =>
      attribute.pattern && { type: "string", value: "\u0000" },
    "below its smallest": ({ type, min }: Attribute): Value | undefined =>
      min === undefined ? undefined : toNumberValue(type, min - 1),
    "above its largest": ({ type, max }: Attribute): Value | undefined =>
      max === undefined ? undefined : toNumberValue(type, max + 1),
    "too large to be exact": ({ type }: Attribute): Value | undefined =>
      type === "int" ? { type: "int", value: 2n ** 53n } : undefined,
    "no number": ({ type }: Attribute): Value | undefined =>
      type === "double" ? { type: "double", value: Number.NaN } : undefined,
  }).map(
    ([fault, wrongValue]): Mutation => ({
      name: `an attribute's value is ${fault}`,
      rule: "value-not-allowed",
      apply: (scene) => {
        const picked = pickAttribute(scene, ({ attribute }) => wrongValue(attribute) !== undefined);
        const value = picked && wrongValue(picked.attribute);
        return value && withValue(scene, picked.own, picked.attribute, value);
      },
    }),
  ),
  ...Object.entries({
    "is missing": (attributes: readonly KeyValue[], { key }: Attribute) =>
      attributes.filter((attribute) => attribute.key !== key),
    "has another type": (attributes: readonly KeyValue[], { key }: Attribute) =>
      replaced(attributes, key, { type: "int", value: 1n }),
    "has a value that cannot be": (
      attributes: readonly KeyValue[],
      { key, values, pattern }: Attribute,
    ) => (values || pattern) && replaced(attributes, key, { type: "string", value: "\u0000" }),
  }).map(
    ([fault, spoil]): Mutation => ({
      name: `an attribute of the resource ${fault}`,
      rule: "missing-resource-attribute",
      apply: (scene) => {
        const own = pickOwn(scene);
        const spoiled = own && spoiledResource(scene, own, spoil);
        return spoiled && change(scene, own, { resource: spoiled });
      },
    }),
  ),
];

const wrongTypes: Readonly<Record<AttributeType, readonly Value[]>> = {
  int: [{ type: "double", value: 1 }, { type: "string", value: "1" }, { type: "empty" }],
  double: [
    { type: "string", value: "0.5" },
    { type: "bool", value: true },
  ],
  string: [
    { type: "int", value: 1n },
    { type: "bytes", value: Uint8Array.of(1) },
    { type: "array", value: [{ type: "string", value: "stop" }] },
  ],
  boolean: [
    { type: "string", value: "true" },
    { type: "int", value: 1n },
  ],
};

function getExample({ type, examples }: Attribute): Value {
  return type === "string"
    ? { type, value: String(examples[0]) }
    : { type: "int", value: BigInt(Math.trunc(Number(examples[0]))) };
}

function toNumberValue(type: AttributeType, value: number): Value {
  return type === "int" ? { type, value: BigInt(value) } : { type: "double", value };
}

function insert({ draw }: Scene, { span }: OwnSpan, attribute: KeyValue) {
  const place = pick(draw, [0, span.attributes.length]);
  return { attributes: span.attributes.toSpliced(place, 0, attribute) };
}

function spoiledResource(
  { contract, draw }: Scene,
  { span }: OwnSpan,
  spoil: (attributes: readonly KeyValue[], attribute: Attribute) => KeyValue[] | undefined,
): Resource | undefined {
  const [identifier, attribute] = pick(draw, Object.entries(contract.resource.attributes));
  const attributes = spoil(span.resource.attributes, attribute);
  // Another service's name is legal: the span is that service's.
  const isRenamed =
    identifier === contract.resource.serviceName &&
    attributes?.some(({ value }) => value.type === "string" && value.value === "\u0000");
  return attributes && !isRenamed ? { ...span.resource, attributes } : undefined;
}
