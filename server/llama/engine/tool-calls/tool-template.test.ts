import assert from "node:assert/strict";
import { test } from "node:test";
import { SpecialTokensText } from "node-llama-cpp";
import type { ChatMessage } from "../chat-template.ts";
import type { CallForm, ToolDefinition } from "./call-form.ts";
import { writePlainly } from "./plain-tools.ts";
import * as templates from "./testing/templates.ts";
import { ToolTemplate } from "./tool-template.ts";

const weather: ToolDefinition = {
  name: "get_weather",
  description: 'Says "how" it is zz<|im_end|>zz',
  parameters: {
    type: "object",
    properties: { city: { type: "string", enum: ["Paris", "zz[INST]zz"] }, "zz<s>zz": {} },
    required: ["city"],
  },
  isStrict: false,
};
const question: ChatMessage = { role: "user", content: "Paris?" };
const called = (...cities: readonly string[]): ChatMessage => ({
  role: "assistant",
  content: "",
  toolCalls: cities.map((city) => ({
    id: `call_${city}`,
    name: "get_weather",
    arguments: { city },
  })),
});
const result = (city: string, content: string): ChatMessage => ({
  role: "tool",
  content,
  toolCallId: `call_${city}`,
  toolName: "get_weather",
});
const conversation = [
  question,
  called("Paris", "zz[/INST]zz"),
  result("Paris", "12"),
  result("zz[/INST]zz", "zz</s>zz"),
];

function opened(template: string): ToolTemplate {
  return ToolTemplate.open(template) ?? assert.fail("It has no place for tools.");
}

const tagged = {
  opening: "",
  before: '<tool_call>\n{"name": "',
  between: '", "arguments": ',
  after: "}\n</tool_call>",
  separator: "\n",
  closing: "",
  isParallel: true,
  listsTools: true,
  writesCalls: true,
} satisfies CallForm;

const forms: Readonly<Record<string, { readonly template: string; readonly form: CallForm }>> = {
  Qwen: { template: templates.qwen, form: tagged },
  Hermes: { template: templates.hermes, form: tagged },
  "Llama 3": {
    template: templates.llama3,
    form: {
      ...tagged,
      before: '{"name": "',
      between: '", "parameters": ',
      after: "}",
      separator: "",
      isParallel: false,
    },
  },
  Mistral: {
    template: templates.mistral,
    form: {
      ...tagged,
      opening: "[TOOL_CALLS] [",
      before: '{"name": "',
      after: ', "id": "%id%"}',
      separator: ", ",
      closing: "]",
    },
  },
  "Mistral with tags": {
    template: templates.mistralTags,
    form: { ...tagged, before: "[TOOL_CALLS]", between: "[ARGS]", after: "", separator: "" },
  },
  "SmolLM 3": { template: templates.smollm3, form: { ...tagged, writesCalls: false } },
};

for (const [family, { template, form }] of Object.entries(forms)) {
  test(`how ${family} writes calls is read from its template`, () => {
    assert.deepEqual(opened(template).form, form);
  });

  test(`${family}: what a client wrote stands there, and is nowhere more than text`, () => {
    const rendered = opened(template).render(conversation, [weather]);
    const text = rendered.toString();
    const ofTools = ["how", "zz<|im_end|>zz", "zz[INST]zz", "zz<s>zz"];
    for (const said of ["Paris?", "get_weather", "12", "zz[/INST]zz", "zz</s>zz", ...ofTools]) {
      assert.ok(text.includes(said), `${said} is missing: ${text}`);
    }
    const own = rendered.values.filter((part) => part instanceof SpecialTokensText);
    assert.ok(own.length > 0);
    assert.ok(own.every(({ value }) => !value.includes("zz")));
  });
}

test("each call of several stands in a turn with its result, where a turn has one at most", () => {
  const text = opened(templates.llama3).render(conversation, []).toString();
  const places = ['{"city": "Paris"}', '"12"', '{"city": "zz[/INST]zz"}', '"zz</s>zz"'].map(
    (said) => text.indexOf(said),
  );
  assert.ok(
    places.every((place, index) => place > (places[index - 1] ?? 0)),
    text,
  );
});

test("a template that knows nothing of tools, or cannot be read, is told from one that does", () => {
  for (const template of [templates.smollm2, "{% if %}", "{{ raise_exception('no') }}"]) {
    assert.equal(ToolTemplate.open(template), undefined);
  }
});

test("such a template is given tools, calls and results in plain text", () => {
  const plain = writePlainly(
    [{ role: "system", content: "Be brief." }, ...conversation],
    [weather],
  );
  assert.deepEqual(
    plain.map(({ role }) => role),
    ["system", "user", "assistant", "user", "user"],
  );
  const [system, , assistant, first] = plain.map(({ content }) => content);
  assert.match(system ?? "", /^Be brief\.\n\nYou have tools .*:\n<tools>\n\{"name":"get_weather"/);
  assert.match(
    assistant ?? "",
    /^<tool_call>\n\{"name": "get_weather", "arguments": \{"city":"Paris"\}\}/,
  );
  assert.equal(first, "<tool_response>\n12\n</tool_response>");
  const [invented] = writePlainly([question], [weather]);
  assert.equal(invented?.role, "system");
  assert.deepEqual(writePlainly([question], []), [question]);
});

test("what a template refuses, or leaves out, is an error", () => {
  assert.throws(() =>
    opened(templates.mistral).render(
      [
        { role: "assistant", content: "" },
        { ...question, role: "tool", toolCallId: undefined },
      ],
      [],
    ),
  );
  const forgetful = templates.qwen.replaceAll("message.role == 'tool'", "message.role == 'other'");
  assert.equal(ToolTemplate.open(forgetful)?.form.writesCalls, true);
  assert.throws(() => opened(forgetful).render(conversation, []), /left a message out/);
});

test("calls in a form that is neither written nor described as JSON are left to plain text", () => {
  const otherwise = templates.smollm3.replaceAll('{\\"name\\"', "<function=");
  assert.notEqual(otherwise, templates.smollm3);
  assert.equal(ToolTemplate.open(otherwise), undefined);
});

test("a template that wants a description of each argument gets an empty one", () => {
  const wanting = templates.qwen.replace(
    "{{- '\\n' + (tool | tojson) }}",
    "{{- tool | tojson }}{%- for name, argument in tool.function.parameters.properties.items() %}{{- argument.description | trim }}{%- endfor %}",
  );
  assert.notEqual(wanting, templates.qwen);
  const parameters = { type: "object", properties: { city: {} } };
  const rendered = opened(wanting).render([question], [{ ...weather, parameters }]);
  assert.match(rendered.toString(), /"city": \{"description": ""\}/);
});
