import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { rawPost } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listTree,
  treeUpTo,
} from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";
import { Refusals } from "./refusals.ts";

const prompt = "the river and the stone in the morning light";
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: prompt }];
const sampled = { model: "any", temperature: 1, seed: 5, max_tokens: 12 } as const;

describe("several answers to one prompt", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;
  let client: OpenAI;

  const settings = { MINISERVE_SLOTS: "1", MINISERVE_SLOT_TOKENS: "4000" };
  withServer({ model: endlessModel(), settings }, (running) => {
    ({ client, receiver, server } = running);
  });

  test("each is what a request of its own gives, with the next seed", async () => {
    const single: (string | null | undefined)[] = [];
    for (const seed of [5, 6, 7]) {
      const { choices } = await client.chat.completions.create({ ...sampled, messages, seed });
      single.push(choices[0]?.message.content);
    }
    assert.equal(new Set(single).size, 3);
    const all = await client.chat.completions.create({ ...sampled, messages, n: 3 });
    assert.deepEqual(
      all.choices.map(({ index, message }) => [index, message.content]),
      single.map((text, index) => [index, text]),
    );
  });

  test("streamed, each opens with the role, says the same, and ends once", async () => {
    const parameters = { ...sampled, messages, n: 3 };
    const whole = await client.chat.completions.create(parameters);
    const said = ["", "", ""];
    const opened: number[] = [];
    const ended: number[] = [];
    for await (const { choices } of await client.chat.completions.create({
      ...parameters,
      stream: true,
    })) {
      const { index, delta, finish_reason } = choices[0] ?? assert.fail("No choice.");
      said[index] += delta.content ?? "";
      if (delta.role !== undefined) {
        opened.push(index);
      }
      if (finish_reason !== null) {
        ended.push(index);
      }
    }
    assert.deepEqual(
      said,
      whole.choices.map(({ message }) => message.content),
    );
    assert.deepEqual(
      [opened, ended],
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
    );
    const nothing = await client.chat.completions
      .stream({ ...parameters, max_tokens: 0 })
      .finalChatCompletion();
    assert.deepEqual(
      nothing.choices.map(({ message }) => message.content),
      ["", "", ""],
    );
  });

  test("to each of several prompts, prompt by prompt", async () => {
    const other = "the story of the house";
    const parameters = { ...sampled, temperature: 0, n: 2 };
    const { choices } = await client.completions.create({ ...parameters, prompt: [prompt, other] });
    const [one, two] = await Promise.all(
      [prompt, other].map(
        async (single) =>
          (await client.completions.create({ ...parameters, n: 1, prompt: single })).choices[0]
            ?.text,
      ),
    );
    assert.deepEqual(
      choices.map(({ text }) => text),
      [one, one, two, two],
    );
  });

  test("the prompt counts once, and the trace has each stage once, with all tokens out", async () => {
    const body = { prompt: `${prompt} again`, max_tokens: 7, temperature: 0, n: 4 };
    const answer = await postJson(`${server.url}/v1/completions`, body);
    const { usage } = JSON.parse(answer.text);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    assert.deepEqual(listTree(record), treeUpTo(spans.format));
    const { tokensIn } = getValues(record, spans.prefill);
    assert.deepEqual([usage.prompt_tokens, usage.completion_tokens], [tokensIn, 28]);
    assert.equal(getValues(record, spans.tokenize).tokensIn, tokensIn);
    const { tokensOut, decodeSteps } = getValues(record, spans.decode);
    assert.deepEqual([tokensOut, decodeSteps], [28, 28]);
  });

  test("more than a request may have is refused", async () => {
    const body = { prompt: Array.from({ length: 65 }, () => "x"), n: 2 };
    await new Refusals(server, receiver).traced(rawPost("/v1/completions", body), {
      code: "invalid_parameter",
      parameter: "n",
      says: /more than 128 answers/,
    });
  });
});
