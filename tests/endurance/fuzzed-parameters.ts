import fc from "fast-check";

const typeName = fc.constantFrom(
  '"string"',
  '"object"',
  '"array"',
  '"integer"',
  '"x"',
  "null",
  "7",
);
const schemaWord: fc.Arbitrary<string> = fc.oneof(
  typeName.map((type) => `"type":${type}`),
  fc.constantFrom(
    '"$ref":"#"',
    '"$ref":"#/definitions/x"',
    '"$ref":"http://localhost/x"',
    '"enum":[]',
    '"enum":["a",1,null,"\\ud800"]',
    '"const":{"a":1}',
    '"pattern":"^(a+)+$"',
    '"pattern":"["',
    '"minItems":1000000000',
    '"maxItems":-1',
    '"minLength":1e9',
    '"required":["a","zebra"]',
    '"required":7',
    '"additionalProperties":true',
    '"properties":{"":{"type":"string"},"__proto__":{"type":"null"}}',
    '"oneOf":[]',
    '"format":"date-time"',
  ),
);
const schema: fc.Arbitrary<string> = fc.letrec<{ one: string }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.array(schemaWord, { maxLength: 3 }).map((words) => `{${words.join(",")}}`),
    tie("one").map((inner) => `{"type":"object","properties":{"a":${inner},"b":${inner}}}`),
    tie("one").map((inner) => `{"type":"array","items":${inner}}`),
    tie("one").map((inner) => `{"anyOf":[${inner},${inner}]}`),
  ),
})).one;
const responseFormat = schema.map(
  (one) => `{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":${one}}}`,
);

const strangeFormat = fc.constantFrom(
  '{"type":"text"}',
  '{"type":"json_object","schema":{}}',
  '{"type":"json_schema"}',
  '{"type":"json_schema","json_schema":{"name":"\\u0000","schema":true}}',
  '{"type":"json_schema","json_schema":{"name":"x","schema":null}}',
  '{"type":"grammar","grammar":"root ::= root"}',
  '"json"',
);
/** A member of a body, as text: what the answer is to look like, or nearly. */
export const anyFormat = fc
  .oneof({ arbitrary: responseFormat, weight: 3 }, { arbitrary: strangeFormat, weight: 1 })
  .map((format) => `"response_format":${format}`);

const indexName = fc.oneof(
  { arbitrary: fc.constant('"house"'), weight: 4 },
  {
    arbitrary: fc.constantFrom(
      ...['""', '"."', '"nowhere"', '"HOUSE"', '"../house"', '"house/.."', '"__proto__"'],
      ...['"\\u0000"', '"\\ud800"', `"${"h".repeat(5_000)}"`, "null", "7", "[]"],
    ),
    weight: 1,
  },
);
const passageCount = fc.oneof(
  { arbitrary: fc.constantFrom("1", "3", "20", "null"), weight: 4 },
  { arbitrary: fc.constantFrom("0", "-1", "1.5", "101", "1e9", "1e999", '"3"', "{}"), weight: 1 },
);
/** A member of a body, as text: which passages are asked for, or nearly. */
export const retrieval = fc
  .tuple(
    indexName.map((name) => `"index":${name}`),
    fc.array(
      fc.oneof(
        passageCount.map((count) => `"top_k":${count}`),
        passageCount.map((count) => `"rerank_k":${count}`),
        fc.constantFrom('"index":"house"', '"query":"x"', '"__proto__":{"index":"x"}'),
      ),
      { maxLength: 2 },
    ),
  )
  .map(([name, others]) => `"retrieval":{${[name, ...others].join(",")}}`);
