import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { RawConnection, rawPost } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listTree,
  treeUpTo,
} from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

const prompt = "the river and the stone in the morning light";
const likeliest = { model: "any", temperature: 0 } as const;

describe("several prompts in one request", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;
  let client: OpenAI;

  const settings = { MINISERVE_SLOTS: "1", MINISERVE_SLOT_TOKENS: "4000" };
  withServer({ model: endlessModel(), settings }, (running) => {
    ({ client, receiver, server } = running);
  });

  async function streamed(
    parameters: Omit<OpenAI.CompletionCreateParamsNonStreaming, "stream">,
  ): Promise<OpenAI.Completion[]> {
    const chunks: OpenAI.Completion[] = [];
    for await (const chunk of await client.completions.create({ ...parameters, stream: true })) {
      chunks.push(chunk);
    }
    return chunks;
  }

  test("a list of prompts gets a choice for each, as each would by itself", async () => {
    const prompts = [prompt, "the story of the house", `${prompt} again`];
    const single: OpenAI.Completion[] = [];
    for (const one of prompts) {
      single.push(await client.completions.create({ ...likeliest, prompt: one, max_tokens: 12 }));
    }
    const parameters = { ...likeliest, prompt: prompts, max_tokens: 12 };
    const all = await client.completions.create(parameters);
    const texts = single.map(({ choices }) => choices[0]?.text);
    assert.deepEqual(
      all.choices.map(({ text, index, finish_reason }) => [text, index, finish_reason]),
      texts.map((text, index) => [text, index, "length"]),
    );
    const sum = (count: (usage: OpenAI.CompletionUsage) => number): number =>
      single.reduce((total, { usage }) => total + (usage === undefined ? 0 : count(usage)), 0);
    assert.equal(
      all.usage?.prompt_tokens,
      sum((usage) => usage.prompt_tokens),
    );
    assert.equal(
      all.usage?.completion_tokens,
      sum((usage) => usage.completion_tokens),
    );
    const chunks = await streamed({ ...parameters, stream_options: { include_usage: true } });
    const choices = chunks.flatMap((chunk) => chunk.choices);
    assert.deepEqual(
      texts.map((_text, index) =>
        choices
          .filter((choice) => choice.index === index)
          .map(({ text }) => text)
          .join(""),
      ),
      texts,
    );
    const ends = choices.filter(({ finish_reason }) => finish_reason !== null);
    assert.deepEqual(
      ends.map(({ index }) => index),
      [0, 1, 2],
    );
    assert.deepEqual(chunks.at(-1)?.usage?.prompt_tokens, all.usage?.prompt_tokens);
    const [alone] = (await client.completions.create({ ...parameters, prompt: [prompt] })).choices;
    assert.deepEqual([alone?.text, alone?.index], [texts[0], 0]);
  });

  test("their trace has each stage once, with the tokens of all", async () => {
    const body = { prompt: [prompt, prompt, "the"], max_tokens: 7, temperature: 0 };
    const { status, text, traceId } = await postJson(`${server.url}/v1/completions`, body);
    assert.equal(status, 200);
    const { usage } = JSON.parse(text);
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    assert.deepEqual(listTree(record), treeUpTo(spans.format));
    assert.equal(getValues(record, spans.tokenize).tokensIn, usage.prompt_tokens);
    const { tokensIn, cacheHits } = getValues(record, spans.prefill);
    assert.deepEqual(
      [tokensIn, cacheHits],
      [usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens],
    );
    const { tokensOut, decodeSteps, stopReason } = getValues(record, spans.decode);
    assert.deepEqual([tokensOut, decodeSteps, stopReason], [21, 21, "length"]);
    assert.equal(getValues(record, spans.format).tokensOut, 21);
  });

  test("one that does not fit, or says nothing, is refused with all others before any is answered", async () => {
    const tooLong = { prompt: ["the", "story ".repeat(4_100)], max_tokens: 1 };
    const { status, text, traceId } = await postJson(`${server.url}/v1/completions`, tooLong);
    assert.deepEqual([status, JSON.parse(text).error.code], [400, "context_length_exceeded"]);
    assert.ok(
      !listTree(await createRequestRecord(server, receiver, traceId))
        .join()
        .includes("prefill"),
    );
    const retrieval = { prompt: ["a", "b"], retrieval: { index: "docs" } };
    const refused = await postJson(`${server.url}/v1/completions`, retrieval);
    assert.deepEqual([refused.status, JSON.parse(refused.text).error.param], [400, "retrieval"]);
  });

  test("a client that leaves in the second answer frees the slot", async () => {
    const traceId = "b".repeat(32);
    const connection = await RawConnection.open(server.port);
    const body = { prompt: [prompt, prompt], max_tokens: 800, stream: true };
    const traceparent = `00-${traceId}-${"c".repeat(16)}-01`;
    connection.write(rawPost("/v1/completions", body, { traceparent }));
    await connection.waitFor("the second", (received) => received.includes('"index":1'));
    connection.destroy();
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    assert.equal(getValues(record, spans.handler).outcome, "aborted");
    assert.equal(getValues(record, spans.decode).stopReason, "abort");
    const next = await postJson(`${server.url}/v1/completions`, { prompt, max_tokens: 1 });
    assert.equal(next.status, 200);
  });
});
