import assert from "node:assert/strict";
import { test } from "node:test";
import { SchemaRefused } from "../json-output/index.ts";
import { sharedBackend } from "../testing/tiny-engine.ts";
import { type CallForm, idMark, plainForm, type ToolDefinition } from "./call-form.ts";
import { grammarForCalls, type ToolUse, toolLimits } from "./call-grammar.ts";

const city: ToolDefinition = {
  name: "get_weather",
  description: undefined,
  parameters: {
    type: "object",
    properties: { city: { type: "string", maxLength: 5 }, unit: { enum: ["c", "f"] } },
    required: ["city"],
  },
  isStrict: false,
};
const nothing: ToolDefinition = { ...city, name: "get_time", parameters: undefined };
const listed: ToolDefinition = {
  ...city,
  name: "get",
  parameters: { type: "object", properties: {} },
};
const open: ToolDefinition = { ...city, name: "get_any", parameters: { type: "object" } };
const tools = [city, nothing, listed, open];

const use = (given: Partial<ToolUse> = {}): ToolUse => ({
  tools,
  choice: "required",
  isParallel: true,
  ...given,
});

/** What llama.cpp itself says about a text, by the grammar that it parsed. */
async function matcher(
  form: CallForm,
  given?: Partial<ToolUse>,
): Promise<(text: string) => boolean> {
  const { llama } = await sharedBackend();
  const grammar = await llama.createGrammar({ grammar: grammarForCalls(form, use(given)) });
  const { _testText: matches } = grammar as unknown as { _testText(text: string): boolean };
  return (text) => matches.call(grammar, text);
}

const call = (name: string, json: string): string =>
  `<tool_call>\n{"name": "${name}", "arguments": ${json}}\n</tool_call>`;
const paris = call("get_weather", '{"city": "Paris"}');

interface Example {
  readonly form: CallForm;
  readonly given?: Partial<ToolUse>;
  readonly fits: readonly string[];
  readonly not: readonly string[];
}

const mistral: CallForm = {
  ...plainForm,
  opening: "[TOOL_CALLS] [",
  before: '{"name": "',
  after: `, "id": "${idMark}"}`,
  separator: ", ",
  closing: "]",
};
const inMistral = (rest: string): string => `{"name": "get", "arguments": {}${rest}}`;

const examples: Readonly<Record<string, Example>> = {
  "calls that must come, by the schema of each tool": {
    form: plainForm,
    fits: [
      paris,
      call("get_weather", '{"city":"Rome","unit":"f"}'),
      call("get_time", "{}"),
      call("get", "{}"),
      call("get_any", '{"a": [1]}'),
      `${paris}\n${call("get_time", "{}")}\n${paris}`,
      Array.from({ length: 16 }, () => paris).join("\n"),
    ],
    not: [
      "",
      "Paris",
      `so ${paris}`,
      `${paris} and`,
      call("get_weather", "{}"),
      call("get_weather", '{"city": "Londinium"}'),
      call("get_time", '{"a": 1}'),
      call("get", '{"a": 1}'),
      call("get_", "{}"),
      call("other", "{}"),
      `${paris}${paris}`,
      Array.from({ length: 17 }, () => paris).join("\n"),
    ],
  },
  "one call at a time": {
    form: plainForm,
    given: { isParallel: false },
    fits: [paris],
    not: [`${paris}\n${paris}`],
  },
  "a call of one tool": {
    form: plainForm,
    given: { choice: { name: "get_time" } },
    fits: [call("get_time", "{}")],
    not: [paris, `${call("get_time", "{}")}\n${call("get_time", "{}")}`],
  },
  "what follows the beginning of a call in text": {
    form: plainForm,
    given: { choice: "auto" },
    fits: [paris, `${paris}\n${paris}`].map((text) => text.slice("<tool_call>".length)),
    not: [paris, "", "\n"],
  },
  "a list of calls, with ids or without": {
    form: mistral,
    fits: [
      `[TOOL_CALLS] [${inMistral(', "id": "abcDEF123"')}]`,
      `[TOOL_CALLS] [${inMistral("")}, ${inMistral(', "id": "abcDEF123"')}]`,
    ],
    not: [
      `[TOOL_CALLS] [${inMistral(', "id": "abc"')}]`,
      `[TOOL_CALLS] [${inMistral("")}`,
      "[TOOL_CALLS] []",
    ],
  },
  "what follows the tag of a list": {
    form: mistral,
    given: { choice: "auto" },
    fits: [` [${inMistral("")}]`],
    not: [`[TOOL_CALLS] [${inMistral("")}]`],
  },
  "JSON alone, once": {
    form: { ...plainForm, before: '{"name": "', after: "}", isParallel: false },
    fits: ['{"name": "get", "arguments": {}}'],
    not: ['{"name": "get", "arguments": {}}\n{"name": "get", "arguments": {}}'],
  },
};

for (const [name, { form, given, fits, not }] of Object.entries(examples)) {
  test(`a grammar for ${name}`, async () => {
    const matches = await matcher(form, given);
    for (const text of fits) {
      assert.ok(matches(text), `${text} does not fit`);
    }
    for (const text of not) {
      assert.ok(!matches(text), `${text} fits`);
    }
  });
}

const fine = {
  $schema: "x",
  type: "object",
  properties: {
    when: { type: "string", format: "date", pattern: "^x" },
    share: { type: "number", minimum: 0.5, exclusiveMaximum: 1 },
    count: { type: "integer", minimum: 3, multipleOf: 3 },
    kind: { oneOf: [{ const: "a" }, { type: "null" }] },
    base: { allOf: [{ $ref: "#/$defs/base" }] },
    rest: { type: "array", items: { type: "string" }, uniqueItems: true, nullable: true },
    odd: { not: {} },
    large: { type: "string", pattern: "(a|b)*a(a|b){40}" },
    back: { type: "string", pattern: "(a)\\1" },
    none: { type: "integer", minimum: 2, maximum: 1 },
  },
  required: ["when", "share", "count", "kind", "base", "rest", "unlisted"],
  additionalProperties: {},
  $defs: { base: { type: "boolean" } },
};

test("without strict, what a grammar cannot say is left out, and types and names still hold", async () => {
  const tool = { ...city, name: "get", parameters: fine };
  const matches = await matcher(plainForm, { tools: [tool] });
  const json = '"share": 0.75, "count": 7, "kind": null, "base": true, "rest": ["x", "x"]';
  assert.ok(matches(call("get", `{"when": "soon", ${json}}`)));
  assert.ok(matches(call("get", `{"when": "soon", ${json}, "odd": [1]}`)));
  assert.ok(
    matches(call("get", `{"when": "soon", ${json}, "large": "x", "back": "b", "none": 7}`)),
  );
  assert.ok(!matches(call("get", `{"when": "soon", ${json}, "large": 1}`)));
  assert.ok(!matches(call("get", `{"when": 1, ${json}}`)));
  assert.ok(!matches(call("get", `{"when": "soon", ${json.replace("0.75", "1")}}`)));
  assert.ok(!matches(call("get", `{"when": "soon", ${json.replace("null", '"b"')}}`)));
  assert.ok(!matches(call("get", `{${json}}`)));
});

test("without strict, whatever is no schema of an object lets any object through", async () => {
  const names = Array.from({ length: 150 }, (_, index) => [`option_${index}`, {}]);
  for (const parameters of [
    { type: "string" },
    { $ref: "#" },
    { type: "object", properties: 7 },
    { type: "object", properties: Object.fromEntries(names) },
    { anyOf: [{ type: "object" }] },
  ]) {
    const matches = await matcher(plainForm, { tools: [{ ...city, name: "get", parameters }] });
    assert.ok(matches(call("get", '{"a": 1}')), JSON.stringify(parameters).slice(0, 60));
    assert.ok(!matches(call("get", '"a"')));
  }
});

test("with strict, it is refused with the tool's place and the keyword, and nothing of the tool", () => {
  const faulty = { ...city, name: "zebra", parameters: fine, isStrict: true };
  assert.throws(
    () => grammarForCalls(plainForm, use({ tools: [city, faulty] })),
    (error) => {
      assert.ok(error instanceof SchemaRefused);
      assert.match(error.faults.join(" "), /tools\[1\].*keyword multipleOf/);
      assert.ok(!error.faults.join(" ").includes("zebra"));
      return true;
    },
  );
  const noObject = { ...city, parameters: { type: "string" }, isStrict: true };
  assert.throws(() => grammarForCalls(plainForm, use({ tools: [noObject] })), /must be an object/);
});

test("as many tools as may be offered, with names that begin alike, make a grammar", async () => {
  const many = Array.from({ length: 128 }, (_, index) => ({
    ...city,
    name: `get_weather_${index}`,
  }));
  const matches = await matcher(plainForm, { tools: many });
  assert.ok(matches(call("get_weather_12", '{"city": "Rome"}')));
  assert.ok(!matches(call("get_weather_128", '{"city": "Rome"}')));
});

test("tools that together are more than a server can be held up with are refused", () => {
  const { repetitions } = toolLimits;
  const property = (index: number, schema: object) => [`property_${index}`, schema] as const;
  const large = (schema: object): ToolDefinition => ({
    ...city,
    parameters: {
      type: "object",
      properties: Object.fromEntries(
        Array.from({ length: 90 }, (_, index) => property(index, schema)),
      ),
    },
  });
  const refuse = (tool: ToolDefinition) => () =>
    grammarForCalls(
      plainForm,
      use({ tools: Array.from({ length: 128 }, (_, index) => ({ ...tool, name: `t${index}` })) }),
    );
  assert.throws(
    refuse(large({ type: "string", maxLength: 900 })),
    new RegExp(`more than ${repetitions}`),
  );
  assert.throws(refuse(large({ enum: ["a", "b", "c"] })), /together are too many/);
});
