import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedBackend } from "../testing/tiny-engine.ts";
import { grammarForSchema, SchemaRefused } from "./index.ts";
import { openAlternativesLimit } from "./open-alternatives.ts";
import { schemaLimits } from "./read-schema.ts";

function listFaults(schema: unknown): readonly string[] {
  try {
    grammarForSchema(schema);
  } catch (error) {
    assert.ok(error instanceof SchemaRefused, String(error));
    return error.faults;
  }
  return [];
}

test("what a grammar cannot say is refused by the keyword's name, all of it at once", () => {
  const schema = {
    type: "object",
    properties: {
      zebra: { type: "string", contentEncoding: "zebra" },
      other: { type: "integer", multipleOf: 3, zebra: 7 },
      list: { uniqueItems: true, prefixItems: [] },
    },
    not: {},
  };
  const faults = listFaults(schema);
  assert.deepEqual(faults.toSorted(), [
    "It has a keyword that JSON Schema does not have.",
    "The keyword contentEncoding is not supported.",
    "The keyword multipleOf is not supported.",
    "The keyword not is not supported.",
    "The keyword prefixItems is not supported.",
    "The keyword uniqueItems is not supported.",
  ]);
});

test("what is no schema is refused", () => {
  const wrong: readonly [schema: unknown, says: RegExp][] = [
    [7, /neither an object nor a boolean/],
    [{ items: [{}] }, /neither an object nor a boolean/],
    [{ properties: [] }, /properties must be an object/],
    [{ required: "a" }, /required must be a list/],
    [{ properties: {}, required: ["zebra"] }, /required names a property/],
    [{ type: "zebra" }, /type must be/],
    [{ type: [] }, /type must be/],
    [{ enum: [] }, /no value of its type/],
    [{ enum: "zebra" }, /enum must be a list/],
    [{ enum: [{}] }, /only supported for strings/],
    [{ type: "string", const: 1 }, /const has no value of its type/],
    [{ anyOf: [] }, /anyOf must be/],
    [{ anyOf: [{}], type: "string" }, /type is not supported beside anyOf/],
    [{ $ref: 7 }, /must be a string/],
    [{ $ref: "#/$defs/zebra" }, /points to nothing/],
    [{ $ref: "https://zebra" }, /points to nothing/],
    [{ $ref: "#", type: "string" }, /type is not supported beside \$ref/],
    [{ type: "string", minLength: -1 }, /minLength must be/],
    [{ type: "string", minLength: 3, maxLength: 2 }, /minLength is more than maxLength/],
    [{ properties: { a: {} }, additionalProperties: {} }, /beside properties/],
    [{ properties: { a: {} }, additionalProperties: null }, /beside properties/],
    [{ additionalProperties: "zebra" }, /neither an object nor a boolean/],
    [{ items: null }, /neither an object nor a boolean/],
    [{ type: "integer", minimum: "zebra" }, /minimum must be a number/],
    [{ type: "integer", minimum: 3.1, maximum: 3.9 }, /No number is within/],
    [{ exclusiveMinimum: 1, exclusiveMaximum: 1 }, /No number is within/],
    [{ minimum: 1e16 }, /No number is within/],
    [{ minimum: 0.12345678901234568 }, /at most 15 digits/],
    [{ pattern: "zebra(" }, /not a regular expression/],
    [{ pattern: 7 }, /pattern must be a string/],
    [{ pattern: "(?=zebra)" }, /lookahead assertion is not supported/],
    [{ pattern: "\\bzebra" }, /word assertion is not supported/],
    [{ pattern: "(zebra)\\1" }, /backreference is not supported/],
    [{ pattern: "\\p{L}zebra" }, /property of Unicode is not supported/],
    [{ pattern: "^zebra$", maxLength: 2 }, /No string fits/],
    [{ pattern: "^zebra$^" }, /No string fits/],
    [{ pattern: "zebra.{500}" }, /too large or too ambiguous/],
    [{ pattern: "((zebra{9}){99}){99}" }, /too large or too ambiguous/],
    [{ format: "zebra" }, /format is only supported for date, /],
    [{ format: "date", pattern: "zebra" }, /pattern is not supported beside format/],
    [{ oneOf: [{ type: "string" }, { pattern: "zebra" }] }, /branches of oneOf can overlap/],
    [
      { oneOf: [{ properties: { zebra: {} } }, { properties: { zebra: { const: 1 } } }] },
      /branches of oneOf can overlap/,
    ],
    [{ allOf: [{}, {}] }, /allOf is only supported with one/],
    [false, /No value is valid/],
  ];
  for (const [schema, says] of wrong) {
    const faults = listFaults(schema);
    assert.match(faults.join(" "), says);
    assert.ok(!faults.join(" ").includes("zebra"));
  }
});

function nested(levels: number, innermost: unknown = {}): unknown {
  let schema = innermost;
  for (let level = 0; level < levels; level++) {
    schema = { type: "array", items: schema };
  }
  return schema;
}

const words = (count: number, length = 6): string[] =>
  Array.from({ length: count }, (_, index) => String(index * 7919).padStart(length, "abcdefgh"));

function optionalProperties(count: number): unknown {
  return { properties: Object.fromEntries(words(count).map((word) => [word, {}])) };
}

test("schemas at every limit make grammars that llama.cpp parses", async () => {
  const { nesting, repetitions, enumValues, subschemas } = schemaLimits;
  const item = { properties: { a: { enum: words(20) } }, required: ["a"] };
  const schemas = [
    nested(nesting),
    { type: "string", maxLength: repetitions },
    { type: "string", minLength: repetitions, maxLength: repetitions },
    { type: "array", items: item, minItems: repetitions },
    { type: "array", items: item, minItems: repetitions - 1, maxItems: repetitions },
    nested(3, { type: "array", items: item, maxItems: repetitions }),
    { enum: words(enumValues) },
    { enum: Array.from({ length: 195 }, (_, length) => "a".repeat(length)) },
    optionalProperties(openAlternativesLimit - 1),
    { ...(optionalProperties(subschemas - 1) as object), required: words(subschemas - 1) },
  ];
  const { llama } = await sharedBackend();
  for (const schema of schemas) {
    await assert.doesNotReject(llama.createGrammar({ grammar: grammarForSchema(schema) }));
  }
});

test("schemas over a limit are refused with the limit", () => {
  const { nesting, repetitions, enumValues, subschemas, literalCharacters } = schemaLimits;
  const over: readonly [schema: unknown, limit: number][] = [
    [nested(nesting + 1), nesting],
    [nested(100_000), nesting],
    [{ type: "string", maxLength: repetitions + 1 }, repetitions],
    [{ type: "array", minItems: 1e9 }, repetitions],
    [{ enum: words(enumValues + 1) }, enumValues],
    [{ enum: ["x".repeat(literalCharacters)] }, literalCharacters],
    [{ anyOf: Array.from({ length: 100_000 }, () => ({})) }, subschemas],
    [optionalProperties(openAlternativesLimit), openAlternativesLimit],
  ];
  for (const [schema, limit] of over) {
    assert.match(listFaults(schema).join(" "), new RegExp(`\\b${limit}\\b`));
  }
});

test("alternatives that could multiply without end are refused, however they are hidden", () => {
  const list = (items: unknown) => ({ type: "array", items });
  const either = (name: string) => ({ $ref: `#/$defs/${name}` });
  const ambiguous = [
    // Each level of brackets could be of either.
    {
      $defs: {
        a: list({ anyOf: [either("a"), either("b")] }),
        b: { ...list(either("a")), minItems: 1 },
      },
      $ref: "#/$defs/a",
    },
    Array.from({ length: 8 }).reduce<unknown>(
      (inner) => ({ anyOf: [list(inner), { ...list(inner), minItems: 1 }] }),
      {},
    ),
  ];
  for (const schema of ambiguous) {
    assert.match(listFaults(schema).join(" "), /alternatives|subschemas/);
  }
  const circular = [
    { $ref: "#" },
    { $defs: { a: either("b"), b: { anyOf: [{ type: "null" }, either("a")] } }, ...either("a") },
    { type: "array", items: { anyOf: [{ $ref: "#/$defs/a" }] }, $defs: { a: either("a") } },
  ];
  for (const schema of circular) {
    assert.match(listFaults(schema).join(" "), /leads back to itself/);
  }
});
