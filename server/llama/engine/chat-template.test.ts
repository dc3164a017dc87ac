import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatTemplate, type PlainMessage } from "./chat-template.ts";

const user = (content: string): PlainMessage => ({ role: "user", content });
const assistant = (content: string): PlainMessage => ({ role: "assistant", content });
const system = (content: string): PlainMessage => ({ role: "system", content });

const withOwnSystemPrompt =
  "{% for message in messages %}" +
  "{% if loop.first and message['role'] != 'system' %}[system]be kind[end]{% endif %}" +
  "[{{ message['role'] }}]{{ message['content'] }}[end]{% endfor %}" +
  "{% if add_generation_prompt %}[assistant]{% endif %}";

const alternating =
  "{% for message in messages %}" +
  "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate') }}{% endif %}" +
  "[{{ message['role'] }}]{{ message['content'] }}{% endfor %}";

test("the system prompt that a template brings along is kept, unless there is another", () => {
  const template = new ChatTemplate(withOwnSystemPrompt);
  const own = template.render([user("hi")]).toString();
  assert.equal(own, "[system]be kind[end][user]hi[end][assistant]");
  const other = template.render([system("be brief"), user("hi")]).toString();
  assert.equal(other, "[system]be brief[end][user]hi[end][assistant]");
});

test("contents arrive unchanged, white space and all", () => {
  const content = "  two\n\n lines {{ 1 + 1 }} \n";
  const template = new ChatTemplate(withOwnSystemPrompt);
  const rendered = template.render([system(content), user(content), assistant(content), user("")]);
  assert.equal(
    rendered.toString(),
    `[system]${content}[end][user]${content}[end][assistant]${content}[end][user][end][assistant]`,
  );
});

test("an answer at the end is finished, and another one begins", () => {
  const rendered = new ChatTemplate(withOwnSystemPrompt).render([system("s"), assistant("so")]);
  assert.equal(rendered.toString(), "[system]s[end][assistant]so[end][assistant]");
});

test("where a template insists that roles alternate, messages of one role become one", () => {
  const rendered = new ChatTemplate(alternating).render([user("one"), user("two")]);
  assert.equal(rendered.toString(), "[user]one\n\ntwo[assistant]");
});

test("an order that the template refuses is an error with the roles, without the contents", () => {
  const template = new ChatTemplate(alternating);
  assert.throws(
    () => template.render([assistant("canary"), user("canary")]),
    (error: Error & { code?: string; cause?: unknown }) => {
      assert.equal(error.code, "chat_messages_refused");
      assert.match(error.message, /assistant, user/);
      assert.ok(!`${error.stack}${String(error.cause)}`.includes("canary"));
      return true;
    },
  );
});
