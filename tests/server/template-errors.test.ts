import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { spans } from "#miniserve";
import {
  endlessModel,
  withChatTemplate,
  withoutBeginningToken,
  withoutChatTemplate,
} from "../support/model-files.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { rawPost } from "../support/raw-http.ts";
import { assertSound, createRequestRecord, getValues } from "../support/request-record.ts";
import { ServerProcess } from "../support/server-process.ts";
import { Refusals } from "./refusals.ts";

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
      says: /in this order: assistant\. Begin with the user/,
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

describe("a chat template that does not come to an end", () => {
  const loop = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}";
  const contents = "{% for m in messages %}{{ m['content'] }}{% endfor %}";

  test("keeps the server from starting, which says why", async () => {
    const model = withChatTemplate(endlessModel(), loop);
    await using server = await ServerProcess.launch({ model });
    assert.deepEqual(await server.exit(), { code: 2, signal: null });
    const last = server.lines.at(-1);
    assert.deepEqual([last?.level, last?.["error.type"]], ["fatal", "chat_template_endless"]);
    assert.match(String(last?.reason), /chat template/);
  });

  test("for some conversations only fails those: chat_template_failed", async () => {
    const template = `{% if messages | length > 99 %}${loop}{% endif %}${contents}`;
    const receiver = await OtlpReceiver.start();
    const model = withChatTemplate(endlessModel(), template);
    await using server = await ServerProcess.start({ receiver, model });
    const url = `${server.url}${chat}`;
    const ask = (count: number) => {
      const messages = Array.from({ length: count }, () => ({ role: "user", content: "hello" }));
      return postJson(url, { messages, max_tokens: 1 });
    };
    const [failed, plain] = await Promise.all([
      ask(100),
      postJson(`${server.url}/v1/completions`, { prompt: "the", max_tokens: 1 }),
    ]);
    assert.deepEqual(
      [failed.status, JSON.parse(failed.text).error.code],
      [500, "chat_template_failed"],
    );
    assert.equal(plain.status, 200);
    const record = await createRequestRecord(server, receiver, failed.traceId);
    assertSound(record);
    const { outcome, errorType } = getValues(record, spans.handler);
    assert.deepEqual([outcome, errorType], ["failed", "chat_template_failed"]);
    assert.equal((await ask(1)).status, 200);
    await server.stop();
    await receiver.stop();
  });
});
