import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { createRequestRecord, getValues } from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

const prompt = "the river and the stone in the morning light";

type Parameters = Omit<OpenAI.CompletionCreateParamsNonStreaming, "stream" | "model"> & {
  readonly top_k?: number;
};

interface Streamed {
  readonly pieces: readonly string[];
  readonly text: string;
  readonly finishReason: string | null | undefined;
}

describe("sampling and stopping, through OpenAI's own client", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;
  let client: OpenAI;

  const settings = { MINISERVE_SLOTS: "3", MINISERVE_QUEUE_LIMIT: "64" };
  withServer({ model: endlessModel(), settings }, (running) => {
    ({ client, receiver, server } = running);
  });

  async function whole(
    parameters: Parameters,
  ): Promise<{ text: string; finishReason: string | undefined }> {
    const { choices } = await client.completions.create({ model: "any", ...parameters });
    return { text: choices[0]?.text ?? "", finishReason: choices[0]?.finish_reason };
  }

  async function streamed(parameters: Parameters): Promise<Streamed> {
    const pieces: string[] = [];
    let finishReason: string | null | undefined;
    const request = { model: "any", ...parameters, stream: true } as const;
    for await (const { choices } of await client.completions.create(request)) {
      pieces.push(choices[0]?.text ?? "");
      finishReason = choices[0]?.finish_reason;
    }
    return { pieces, text: pieces.join(""), finishReason };
  }

  /** That an answer is the same whole and streamed, and which it is. */
  async function alike(parameters: Parameters): Promise<Streamed> {
    const [one, other] = [await whole(parameters), await streamed(parameters)];
    assert.deepEqual({ text: other.text, finishReason: other.finishReason }, one);
    return other;
  }

  const likeliest = { prompt, temperature: 0, max_tokens: 40 } as const;

  test("top_k 1 takes the likeliest token, whatever the temperature", async () => {
    const { text } = await whole(likeliest);
    const narrow = await whole({ ...likeliest, temperature: 2, seed: 9, top_k: 1 });
    assert.equal(narrow.text, text);
  });

  test("top_k limits the choice: 0 is all, and left out it is 40", async () => {
    const loose = { prompt, temperature: 1.5, max_tokens: 40, seed: 4 };
    const answers = await Promise.all(
      [undefined, 40, 0, 2].map((top_k) =>
        whole(top_k === undefined ? loose : { ...loose, top_k }),
      ),
    );
    const [leftOut, forty, all, two] = answers.map(({ text }) => text);
    assert.equal(leftOut, forty);
    assert.equal(new Set([forty, all, two]).size, 3);
  });

  test("the same seed gives the same answer however many run at once", async () => {
    const seeds = Array.from({ length: 12 }, (_, index) => index);
    const ask = (seed: number): Promise<{ text: string }> =>
      whole({ prompt: `${prompt} ${seed % 4}`, temperature: 1.3, max_tokens: 30, seed });
    const alone: string[] = [];
    for (const seed of seeds) {
      alone.push((await ask(seed)).text);
    }
    assert.equal(new Set(alone).size, seeds.length, "the seeds differ");
    const together = await Promise.all(seeds.map(async (seed) => (await ask(seed)).text));
    assert.deepEqual(together, alone);
  });

  test("a stop string at the very start leaves nothing, and the stream nothing to unsay", async () => {
    const { text } = await whole(likeliest);
    for (const length of [1, 2, 7, 19]) {
      const { pieces, finishReason } = await alike({ ...likeliest, stop: text.slice(0, length) });
      assert.equal(pieces.join(""), "");
      assert.equal(finishReason, "stop");
    }
  });

  test("of several stop strings the one that is complete first counts", async () => {
    const varied = { prompt, temperature: 1, seed: 6, max_tokens: 40 };
    const { text } = await whole(varied);
    for (const from of [9, 30, 55]) {
      const inner = text.slice(from + 4, from + 12);
      const outer = text.slice(from, from + 16);
      const late = text.slice(from + 40, from + 48);
      for (const stop of [
        [late, outer, inner],
        [inner, late],
        ["nowhere", outer, late, inner],
      ]) {
        const ends = stop.map((one) => (text.includes(one) ? text.indexOf(one) + one.length : 1e9));
        const first = stop[ends.indexOf(Math.min(...ends))] ?? "";
        assert.equal(first, inner, "the text repeats itself too early for this test");
        const answer = await alike({ ...varied, stop });
        assert.equal(answer.text, text.slice(0, text.indexOf(inner)));
        assert.equal(answer.finishReason, "stop");
      }
    }
  });

  test("what only began like a stop string is held back and then said, also at the end", async () => {
    const { text } = await whole(likeliest);
    for (const from of [0, 13, 30, text.length - 9, text.length - 1]) {
      const answer = await alike({ ...likeliest, stop: `${text.slice(from, from + 9)}\u2603` });
      assert.deepEqual([answer.text, answer.finishReason], [text, "length"]);
    }
  });

  test("no piece of a stream goes beyond what a stop string lets through", async () => {
    const { text } = await whole(likeliest);
    for (let from = 0; from < text.length - 6; from += 7) {
      const stop = text.slice(from, from + 6);
      const expected = text.slice(0, text.indexOf(stop));
      const { pieces } = await streamed({ ...likeliest, stop });
      let said = "";
      for (const piece of pieces) {
        said += piece;
        assert.ok(expected.startsWith(said), "more was said than may be");
      }
      assert.equal(said, expected);
    }
  });

  test("bytes that are no characters come out as such, never as half of one", async () => {
    // With top_k 0 the random model also takes single bytes, which seldom make a character.
    const wild = { prompt, temperature: 2, top_k: 0, max_tokens: 120 };
    let broken = 0;
    for (const seed of [1, 2, 3, 4]) {
      const { pieces, text } = await alike({ ...wild, seed });
      assert.ok(pieces.every((piece) => piece.isWellFormed()));
      broken += text.split("\uFFFD").length - 1;
    }
    assert.ok(broken > 0, "no byte was taken that is no character");
  });

  test("cached_tokens is the number that is on the span, whole and streamed", async () => {
    const body = { prompt: `${prompt} again and again`, max_tokens: 4 };
    for (const [index, stream] of [false, false, true].entries()) {
      const request = { ...body, stream, stream_options: { include_usage: true } };
      const answer = await postJson(`${server.url}/v1/completions`, request);
      const last = stream
        ? (answer.text.split("\n\n").at(-3)?.slice("data: ".length) ?? "")
        : answer.text;
      const { usage } = JSON.parse(last);
      const { tokensIn, cacheHits } = getValues(
        await createRequestRecord(server, receiver, answer.traceId),
        spans.prefill,
      );
      assert.equal(usage.prompt_tokens_details.cached_tokens, cacheHits);
      assert.equal(usage.prompt_tokens, tokensIn);
      // All but the last token, which is evaluated again for what comes after it.
      if (index > 0) {
        assert.equal(cacheHits, Number(tokensIn) - 1);
      }
    }
  });
});
