import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedBackend } from "../testing/tiny-engine.ts";
import { grammarForSchema } from "./index.ts";

/** What llama.cpp itself says about a text, by the grammar that it parsed. */
async function matcher(schema: unknown): Promise<(text: string) => boolean> {
  const { llama } = await sharedBackend();
  const grammar = await llama.createGrammar({ grammar: grammarForSchema(schema) });
  const { _testText: matches } = grammar as unknown as { _testText(text: string): boolean };
  return (text) => matches.call(grammar, text);
}

interface Example {
  readonly schema: unknown;
  readonly fits: readonly string[];
  readonly not: readonly string[];
}

const person = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer" } },
  required: ["name", "age"],
  additionalProperties: false,
};

const examples: Readonly<Record<string, Example>> = {
  "an object of any kind": {
    schema: { type: "object" },
    fits: ["{}", '{"a":1}', '{ "a": {"b": [1, null]},\n  "c": "d" }'],
    not: ["[]", '"a"', '{"a"}', '{"a":1,}', "{} {}", "", " {}", '{"a":1'],
  },
  "anything at all": {
    schema: {},
    fits: ["null", "true", "-0.5e-10", '"x"', "[[], {}]", "0"],
    not: ["nul", "01", "1.", ".5", "NaN", "'x'", "[1,]", "1e999"],
  },
  "required members, in their order": {
    schema: person,
    fits: ['{"name":"Ada","age":36}', '{\n  "name": "",\n  "age": -1\n}'],
    not: ['{"age":36,"name":"Ada"}', '{"name":"Ada"}', '{"name":"Ada","age":3.5}', "{}"],
  },
  "optional members": {
    schema: { ...person, required: ["age"] },
    fits: ['{"name":"Ada","age":36}', '{"age":36}'],
    not: ['{"name":"Ada"}', '{,"age":36}', '{"name":"Ada",}', "{}"],
  },
  "only optional members": {
    schema: { properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } } },
    fits: ["{}", '{"a":1}', '{"b":2}', '{"a":1,"c":3}', '{"a":1, "b":2, "c":3}'],
    not: ['{"b":2,"a":1}', '{"a":1,"a":1}', '{"d":4}', '{"a":2}'],
  },
  "no members": {
    schema: { type: "object", additionalProperties: false },
    fits: ["{}", "{ }"],
    not: ['{"a":1}'],
  },
  "names of any kind, values of one": {
    schema: { type: "object", additionalProperties: { type: "integer" } },
    fits: ["{}", '{"a":1,"b":2}'],
    not: ['{"a":"1"}', "[1]"],
  },
  "values that begin alike": {
    schema: { enum: ["a", "ab", "abc", "b", 1, 12, true, null] },
    fits: ['"a"', '"ab"', '"abc"', '"b"', "1", "12", "true", "null"],
    not: ['"abcd"', '""', "2", "false", '"c"'],
  },
  "values of which only some have the type": {
    schema: { type: ["string", "null"], enum: ["a", 1, null] },
    fits: ['"a"', "null"],
    not: ["1"],
  },
  "values and names with everything that needs an escape": {
    schema: {
      properties: { 'a"\\\n[]{}|::=\u0000é🙂': { const: '"\\\n\t\u0001\u007f]-^é🙂\ud800' } },
      required: ['a"\\\n[]{}|::=\u0000é🙂'],
    },
    fits: [JSON.stringify({ 'a"\\\n[]{}|::=\u0000é🙂': '"\\\n\t\u0001\u007f]-^é🙂\ud800' })],
    not: ["{}", '{"a":1}'],
  },
  "strings of bounded length, in characters": {
    schema: { type: "string", minLength: 2, maxLength: 3 },
    fits: ['"ab"', '"abc"', '"🙂é日"', '"\\n\\""'],
    not: ['"a"', '"abcd"', '""', '"🙂"'],
  },
  "a string of the longest length that can be asked for": {
    schema: { type: "string", minLength: 999, maxLength: 1000 },
    fits: [JSON.stringify("x".repeat(999)), JSON.stringify("é".repeat(1000))],
    not: [JSON.stringify("x".repeat(998)), JSON.stringify("x".repeat(1001))],
  },
  "a list of the longest length that can be asked for": {
    schema: { items: { enum: [1, 2, 12] }, minItems: 1000, maxItems: 1000 },
    fits: [JSON.stringify(Array.from({ length: 1000 }, () => 12))],
    not: [
      JSON.stringify(Array.from({ length: 999 }, () => 1)),
      JSON.stringify(Array.from({ length: 1001 }, () => 1)),
    ],
  },
  "a string of a fixed length, and none": {
    schema: { anyOf: [{ type: "string", minLength: 4, maxLength: 4 }, { maxLength: 0 }] },
    fits: ['"abcd"', '""'],
    not: ['"abc"', '"abcde"'],
  },
  "strings without control characters and without half characters": {
    schema: { type: "string" },
    fits: ['"\\b\\f\\n\\r\\t\\/\\\\"', '"\u2028"'],
    not: ['"\n"', '"\\ud800"', '"\\x"', '"\u007f"', '"\\"'],
  },
  "integers in a range": {
    schema: { type: "integer", minimum: -1.5, exclusiveMaximum: 13 },
    fits: ["-1", "0", "1", "12"],
    not: ["-2", "13", "2.5", "-0", "1e0", "01"],
  },
  "integers from 0 or from 1 on, and those that are safe": {
    schema: {
      properties: {
        a: { type: "integer", minimum: 0 },
        b: { type: ["integer", "null"], exclusiveMinimum: 0 },
        c: {
          type: "integer",
          minimum: Number.MIN_SAFE_INTEGER,
          maximum: Number.MAX_SAFE_INTEGER,
        },
        d: { minimum: 0 },
      },
      required: ["a", "b", "c", "d"],
    },
    fits: ['{"a":0,"b":1,"c":-999999999999999,"d":0.5}', '{"a":7,"b":null,"c":0,"d":0}'],
    not: ['{"a":-1,"b":1,"c":0,"d":0}', '{"a":0,"b":0,"c":0,"d":0}', '{"a":0,"b":1,"c":0,"d":-1}'],
  },
  "lists of bounded length": {
    schema: { type: "array", items: { type: "boolean" }, minItems: 2, maxItems: 3 },
    fits: ["[true,false]", "[ true, false, true ]"],
    not: ["[]", "[true]", "[true,true,true,true]"],
  },
  "lists of at most one, at least one, exactly one, none": {
    schema: {
      properties: {
        a: { maxItems: 1, items: { const: 1 } },
        b: { minItems: 1, items: { const: 1 } },
        c: { minItems: 1, maxItems: 1, items: { const: 1 } },
        d: { maxItems: 0 },
      },
      required: ["a", "b", "c", "d"],
    },
    fits: ['{"a":[],"b":[1],"c":[1],"d":[]}', '{"a":[1],"b":[1,1,1],"c":[1],"d":[]}'],
    not: ['{"a":[1,1],"b":[1],"c":[1],"d":[]}', '{"a":[],"b":[],"c":[1],"d":[]}'],
  },
  "one of several forms": {
    schema: { anyOf: [{ type: "integer" }, { type: "null" }, person] },
    fits: ["7", "null", '{"name":"","age":0}'],
    not: ['"7"', "{}", "true"],
  },
  "several types": {
    schema: { type: ["integer", "string", "null"], maxLength: 1 },
    fits: ["7", '"a"', "null"],
    not: ['"ab"', "true"],
  },
  "a form that holds itself": {
    schema: {
      $defs: {
        "a/b~c": {
          properties: { next: { anyOf: [{ $ref: "#/$defs/a~1b~0c" }, { type: "null" }] } },
          required: ["next"],
        },
      },
      $ref: "#/$defs/a~1b~0c",
    },
    fits: ['{"next":null}', '{"next":{"next":{"next":null}}}'],
    not: ["null", '{"next":{}}'],
  },
  "a whole that holds itself": {
    schema: { type: "array", items: { $ref: "#" }, maxItems: 2 },
    fits: ["[]", "[[],[[]]]"],
    not: ["[1]", "[[],[],[]]"],
  },
  "numbers in a range": {
    schema: { type: "number", minimum: -1.25, exclusiveMaximum: 10.5 },
    fits: ["-1.25", "-1.2", "-1", "-0.001", "0", "0.5", "7.75", "10", "10.49", "10.4999999999"],
    not: ["-1.26", "-2", "10.5", "10.50", "11", "-0", "1e0", "01", "1.", "-1.250000000000001"],
  },
  "numbers above a small one, and integers beyond any": {
    schema: {
      properties: {
        a: { type: "number", exclusiveMinimum: 0.00000025, maximum: 1e300 },
        b: { type: "integer", minimum: 12, maximum: 40_000 },
        c: { type: "integer", maximum: -7, minimum: -1e30 },
      },
      required: ["a", "b", "c"],
    },
    fits: [
      '{"a":0.00000026,"b":12,"c":-7}',
      '{"a":0.000000250001,"b":39999,"c":-10}',
      '{"a":123456789012345,"b":40000,"c":-999999999999999}',
    ],
    not: [
      '{"a":0.00000025,"b":12,"c":-7}',
      '{"a":-1,"b":12,"c":-7}',
      '{"a":1,"b":11,"c":-7}',
      '{"a":1,"b":40001,"c":-7}',
      '{"a":1,"b":12,"c":-6}',
      '{"a":1,"b":12.5,"c":-7}',
    ],
  },
  "strings that fit a pattern": {
    schema: {
      properties: {
        code: { type: "string", pattern: "^[A-Z]{2}-\\d{3,}$", maxLength: 7 },
        found: { pattern: 'a"b' },
      },
      required: ["code", "found"],
    },
    fits: ['{"code":"AB-123","found":"a\\"b"}', '{"code":"AB-1234","found":"x\\na\\"b é"}'],
    not: [
      '{"code":"AB-12","found":"a\\"b"}',
      '{"code":"AB-12345","found":"a\\"b"}',
      '{"code":"xAB-123","found":"a\\"b"}',
      '{"code":"AB-123","found":"ab"}',
    ],
  },
  "one of several that exclude each other": {
    schema: {
      oneOf: [
        { properties: { kind: { const: "a" }, x: { type: "integer" } }, required: ["kind", "x"] },
        { properties: { kind: { const: "b" } }, required: ["kind"] },
        { type: "null" },
      ],
      discriminator: { propertyName: "kind" },
    },
    fits: ['{"kind":"a","x":1}', '{"kind":"b"}', "null"],
    not: ['{"kind":"a"}', '{"kind":"c"}', "1"],
  },
  "a single subschema in allOf": {
    schema: { $defs: { a: { type: "null" } }, allOf: [{ $ref: "#/$defs/a" }], description: "x" },
    fits: ["null"],
    not: ["1"],
  },
  "annotations, which say nothing": {
    schema: { $schema: "x", title: "x", description: "x", default: 1, examples: [], type: "null" },
    fits: ["null"],
    not: ["1"],
  },
};

for (const [name, { schema, fits, not }] of Object.entries(examples)) {
  test(`a grammar for ${name}`, async () => {
    const matches = await matcher(schema);
    for (const text of fits) {
      assert.ok(matches(text), `${text} does not fit`);
      assert.doesNotThrow(() => JSON.parse(text));
    }
    for (const text of not) {
      assert.ok(!matches(text), `${text} fits`);
    }
  });
}
