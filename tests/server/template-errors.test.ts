import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  endlessModel,
  withChatTemplate,
  withoutBeginningToken,
  withoutChatTemplate,
} from "../support/model-files.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { rawPost } from "../support/raw-http.ts";
import { Refusals } from "../support/refusals.ts";
import { ServerProcess } from "../support/server-process.ts";

const chat = "/v1/chat/completions";

/** Refuses a conversation that the assistant begins, and adds nothing to what is in the others. */
const pickyTemplate =
  "{% for message in messages %}{{ message['content'] }}{% endfor %}" +
  "{% if messages[0]['role'] == 'assistant' %}{{ raise_exception('zebra') }}{% endif %}";

describe("a chat that the model's template does not take", () => {
  let receiver: OtlpReceiver;
  let picky: ServerProcess;
  let without: ServerProcess;

  before(async () => {
    receiver = await OtlpReceiver.start();
    const pickyModel = withChatTemplate(withoutBeginningToken(endlessModel()), pickyTemplate);
    [picky, without] = await Promise.all([
      ServerProcess.start({ receiver, model: pickyModel }),
      ServerProcess.start({ receiver, model: withoutChatTemplate(endlessModel()) }),
    ]);
  });
  after(async () => {
    await Promise.all([picky.dispose(), without.dispose()]);
    await receiver.stop();
  });

  test("is refused before its first stage, without a word of the template: messages_refused", async () => {
    const messages = [{ role: "assistant", content: "hello" }];
    const answer = await new Refusals(picky, receiver).traced(rawPost(chat, { messages }), {
      code: "messages_refused",
      parameter: "messages",
    });
    assert.ok(!`${answer.body}${picky.stdout}`.includes("zebra"));
  });

  test("is refused when nothing of it is left: empty_input", async () => {
    const messages = [{ role: "user", content: "" }];
    await new Refusals(picky, receiver).traced(rawPost(chat, { messages }), {
      code: "empty_input",
      isTokenized: true,
    });
  });

  test("is refused when there is no template: chat_unavailable", async () => {
    const messages = [{ role: "user", content: "hello" }];
    await new Refusals(without, receiver).traced(rawPost(chat, { messages }), {
      code: "chat_unavailable",
    });
  });

  test("and completions go on, also with an empty prompt", async () => {
    for (const server of [picky, without]) {
      const body = { prompt: "", max_tokens: 2 };
      const { status, text } = await postJson(`${server.url}/v1/completions`, body);
      assert.equal(status, 200, text);
      assert.equal(JSON.parse(text).usage.prompt_tokens, 1);
    }
  });
});
