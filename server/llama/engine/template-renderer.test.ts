import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "./engine-error.ts";
import { TemplateRenderer } from "./template-renderer.ts";
import { neverAborted } from "./testing/tiny-engine.ts";
import { hermes, mistral } from "./tool-calls/testing/templates.ts";

const contents = "{% for message in messages %}{{ message['content'] }}{% endfor %}";
const longLoop = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}";
const hoarding =
  "{% set all = namespace(texts=[]) %}{% for i in range(10000000) %}" +
  "{% set all.texts = all.texts + [messages[0]['content'] ~ i] %}{% endfor %}";
const doubling =
  "{% set all = namespace(text='x') %}{% for i in range(60) %}" +
  "{% set all.text = all.text + all.text %}{% endfor %}{{ all.text }}";

/** The template does this once a conversation has a hundred messages. */
const later = (what: string): string =>
  `{% if messages | length > 99 %}${what}{% endif %}${contents}`;
const conversation = (count: number) =>
  Array.from({ length: count }, () => ({ role: "user" as const, content: "one" }));
const isEndless = (error: unknown): boolean =>
  error instanceof EngineError && error.code === "chat_template_endless";

async function opened(template: string): Promise<TemplateRenderer> {
  return (await TemplateRenderer.open({ template })) ?? assert.fail("It cannot be rendered.");
}

test("a template that loops without end cannot be opened", async () => {
  await assert.rejects(TemplateRenderer.open({ template: longLoop + contents }), isEndless);
});

test("nor can one that fills the memory", async () => {
  await assert.rejects(TemplateRenderer.open({ template: hoarding + contents }), isEndless);
});

test("one that is broken, or makes a text that is too long to be one, is no template", async () => {
  for (const template of ["{% if %}", "{{ raise_exception('no') }}", doubling]) {
    assert.equal(await TemplateRenderer.open({ template }), undefined);
  }
});

test("a process that cannot start is not the template's fault", async (t) => {
  const { execPath } = process;
  t.after(() => {
    process.execPath = execPath;
  });
  for (const broken of ["/bin/false", "/there/is/none"]) {
    process.execPath = broken;
    await assert.rejects(
      TemplateRenderer.open({ template: contents }),
      (error) => !isEndless(error),
    );
  }
});

test("one that loops only for some conversations fails those, and none of the others", async () => {
  for (const what of [longLoop, hoarding]) {
    const renderer = await opened(later(what));
    const outcomes = await Promise.allSettled(
      [1, 100, 1].map((count) => renderer.render(conversation(count), [], neverAborted)),
    );
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.status === "rejected" ? isEndless(outcome.reason) : outcome.value.text.toString(),
      ),
      ["one", true, "one"],
    );
    renderer.close();
  }
});

test("a request that is over before its turn is passed over", async () => {
  const renderer = await opened(contents);
  const reason = new Error("over");
  const rendering = renderer.render(conversation(3), [], AbortSignal.abort(reason));
  await assert.rejects(rendering, reason);
  assert.equal(
    (await renderer.render(conversation(3), [], neverAborted)).text.toString(),
    "oneoneone",
  );
  renderer.close();
});

test("what a template with a place for tools refuses is put in plain text", async () => {
  const tools = [{ name: "paint", description: undefined, parameters: undefined, isStrict: false }];
  const renderer = await opened(mistral);
  const own = await renderer.render(conversation(1), tools, neverAborted);
  assert.equal(own.callForm.listsTools, true);
  const late = { role: "system" as const, content: "late" };
  const messages = [...conversation(1), late, ...conversation(1)];
  const plain = await renderer.render(messages, tools, neverAborted);
  assert.equal(plain.callForm.listsTools, false);
  assert.match(plain.text.toString(), /<tools>.*paint.*late/s);
  renderer.close();
});

test("a template for tools is taken for chats with tools, if it has a place for them", async () => {
  const tools = [{ name: "paint", description: undefined, parameters: undefined, isStrict: false }];
  const templates = { template: contents, toolTemplate: hermes };
  const renderer = (await TemplateRenderer.open(templates)) ?? assert.fail("It is unusable.");
  const withTools = await renderer.render(conversation(1), tools, neverAborted);
  assert.match(withTools.text.toString(), /<tools>.*paint/);
  assert.equal(withTools.callForm.listsTools, true);
  assert.equal((await renderer.render(conversation(1), [], neverAborted)).text.toString(), "one");
  renderer.close();
  const without = { template: hermes, toolTemplate: contents };
  const other = (await TemplateRenderer.open(without)) ?? assert.fail("It is unusable.");
  const { callForm } = await other.render(conversation(1), tools, neverAborted);
  assert.equal(callForm.listsTools, true);
  other.close();
});
