import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { miniserve, spans } from "#miniserve";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import {
  assertSound,
  createRequestRecord,
  getSpan,
  getValues,
  listLogSequence,
  listTree,
  type RequestRecord,
  treeUpTo,
} from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

const model = "tiny-random-llama";
const logSequence = [
  "request.received @ http.handler",
  "input.tokenized @ tokenize.input",
  "slot.acquired @ http.handler",
  "input.prefilled @ llm.prefill",
  "output.decoded @ llm.decode",
  "output.formatted @ format.output",
  "request.finished @ http.handler",
];

describe("the trace of a request that completes", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;

  withServer({}, (running) => {
    ({ receiver, server } = running);
  });

  interface Asked {
    readonly record: RequestRecord;
    readonly text: string;
    readonly usage: { prompt_tokens: number; completion_tokens: number };
    readonly cached: number;
  }

  async function ask(
    route: "/v1/completions" | "/v1/chat/completions",
    body: object,
    headers: Record<string, string> = {},
  ): Promise<Asked> {
    const answer = await postJson(`${server.url}${route}`, body, headers);
    assert.equal(answer.status, 200, answer.text);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    const isStream = answer.text.startsWith("data: ");
    const documents = isStream
      ? answer.text
          .split("\n\n")
          .slice(0, -2)
          .map((event) => event.slice("data: ".length))
      : [answer.text];
    const { usage } = JSON.parse(documents.at(-1) ?? "");
    const cached = usage.prompt_tokens_details.cached_tokens;
    return { record, text: answer.text, usage, cached };
  }

  for (const route of ["/v1/completions", "/v1/chat/completions"] as const) {
    for (const stream of [false, true]) {
      const input = { prompt: `what is ${stream}`, messages: [{ role: "user", content: "hello" }] };
      const { prompt, messages } = input;
      const body = {
        ...(route === "/v1/completions" ? { prompt } : { messages }),
        max_tokens: 7,
        temperature: 0,
        ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
      };
      test(`${route}${stream ? ", streamed," : ""} leaves the whole tree and its record`, async () => {
        const { record, usage, cached } = await ask(route, body);
        assert.deepEqual(listTree(record), treeUpTo(spans.format));
        assert.deepEqual(listLogSequence(record), logSequence);
        assert.deepEqual(
          server.fileLines.filter(({ trace_id }) => trace_id === record.traceId),
          record.lines,
        );
        assert.ok(record.spans.every(({ status }) => status.code === "unset"));
        const tokensIn = usage.prompt_tokens;
        const { requestId, timeToFirstTokenUs, slotWaitUs, ...root } = getValues(
          record,
          spans.handler,
        );
        assert.deepEqual(root, {
          method: "POST",
          route,
          model,
          statusCode: 200,
          outcome: "completed",
          streamed: stream,
        });
        assert.match(String(requestId), /^(chat)?cmpl-[0-9a-f]{32}$/);
        assert.ok(Number(timeToFirstTokenUs) > 0 && Number(slotWaitUs) >= 0);
        assert.deepEqual(getValues(record, spans.tokenize), { tokenizerName: "llama", tokensIn });
        assert.deepEqual(getValues(record, spans.prefill), {
          model,
          tokensIn,
          cacheHits: cached,
          cacheMisses: tokensIn - cached,
        });
        const { meanStepMs, ...decode } = getValues(record, spans.decode);
        assert.deepEqual(decode, { model, tokensOut: 7, decodeSteps: 7, stopReason: "length" });
        assert.ok(Number(meanStepMs) > 0);
        assert.deepEqual(getValues(record, spans.format), { outputFormat: "text", tokensOut: 7 });
      });
    }
  }

  test("the id of the answer is on the root span and in the log", async () => {
    const { record, text } = await ask("/v1/completions", { prompt: "a story", max_tokens: 1 });
    const { requestId } = getValues(record, spans.handler);
    assert.equal(requestId, JSON.parse(text).id);
    assert.equal(record.lines[0]?.[miniserve.attributes.requestId.key], requestId);
  });

  test("an answer that the model ends has one step more than tokens", async () => {
    const messages = [{ role: "user", content: "hello" }];
    // Seed 4 was seen to end by itself.
    const { record, usage } = await ask("/v1/chat/completions", {
      messages,
      seed: 4,
      temperature: 1,
    });
    const { tokensOut, decodeSteps, stopReason } = getValues(record, spans.decode);
    assert.equal(stopReason, "stop");
    assert.equal(tokensOut, usage.completion_tokens);
    assert.equal(decodeSteps, usage.completion_tokens + 1);
  });

  test("max_tokens: 0 leaves the whole tree, with zeros", async () => {
    const { record } = await ask("/v1/completions", { prompt: "nothing at all", max_tokens: 0 });
    assert.deepEqual(listTree(record), treeUpTo(spans.format));
    assert.deepEqual(getValues(record, spans.decode), {
      model,
      tokensOut: 0,
      decodeSteps: 0,
      meanStepMs: 0,
      stopReason: "length",
    });
    assert.equal(getValues(record, spans.format).tokensOut, 0);
    assert.ok(!("timeToFirstTokenUs" in getValues(record, spans.handler)));
  });

  test("the second of two equal requests finds all but the last token in the cache", async () => {
    const body = { prompt: "the same words in the same order", max_tokens: 3 };
    await ask("/v1/completions", body);
    const { record, usage, cached } = await ask("/v1/completions", body);
    assert.equal(cached, usage.prompt_tokens - 1);
    const { cacheHits, cacheMisses } = getValues(record, spans.prefill);
    assert.deepEqual([cacheHits, cacheMisses], [cached, 1]);
  });

  test("the caller's trace is joined, sampled or not, and its tracestate is not kept", async () => {
    for (const [digit, flags] of [
      ["a", "01"],
      ["b", "00"],
    ] as const) {
      const traceId = digit.repeat(32);
      const callerSpanId = "c".repeat(16);
      const { record } = await ask(
        "/v1/completions",
        { prompt: "x", max_tokens: 1 },
        { traceparent: `00-${traceId}-${callerSpanId}-${flags}`, tracestate: "vendor=secret" },
      );
      assert.equal(record.traceId, traceId);
      assert.equal(getSpan(record, spans.handler).parentSpanId, callerSpanId);
      assert.ok(record.spans.every(({ traceState }) => traceState === ""));
      assert.deepEqual(listLogSequence(record), logSequence);
    }
  });

  test("two requests in one trace are two requests", async () => {
    const headers = { traceparent: `00-${"d".repeat(32)}-${"e".repeat(16)}-01` };
    const body = { prompt: "x", max_tokens: 1 };
    const url = `${server.url}/v1/completions`;
    const answers = await Promise.all([postJson(url, body, headers), postJson(url, body, headers)]);
    const [traceId] = new Set(answers.map((answer) => answer.traceId));
    const both = 2 * treeUpTo(spans.format).length;
    await receiver.waitFor("two requests", () => receiver.findSpans(traceId ?? "").length === both);
    assertSound({ traceId: "d".repeat(32), spans: receiver.findSpans("d".repeat(32)), lines: [] });
  });

  test("a malformed traceparent is ignored", async () => {
    const malformed = [
      `00-${"0".repeat(32)}-${"c".repeat(16)}-01`,
      `00-${"a".repeat(31)}-${"c".repeat(16)}-01`,
      `ff-${"a".repeat(32)}-${"c".repeat(16)}-01`,
      `00-${"A".repeat(32)}-${"c".repeat(16)}-01`,
      "nonsense",
      `00-${"a".repeat(32)}-${"c".repeat(16)}-01`.repeat(9),
    ];
    for (const traceparent of malformed) {
      const body = { prompt: "x", max_tokens: 1 };
      const { record } = await ask("/v1/completions", body, { traceparent });
      assert.equal(getSpan(record, spans.handler).parentSpanId, null, traceparent.slice(0, 60));
    }
  });

  test("routes that do not call the model leave no trace and no line", async () => {
    const linesBefore = server.lines.length;
    const paths = ["/healthz", "/readyz", "/v1/models", "/none", "/v1/completions"];
    const answers = await Promise.all(paths.map((path) => fetch(`${server.url}${path}`)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 404, 405],
    );
    assert.ok(answers.every(({ headers }) => !headers.has("x-trace-id")));
    // Spans and lines come in order: once this request's are there, others would be too.
    const { record } = await ask("/v1/completions", { prompt: "x", max_tokens: 1 });
    assert.equal(server.lines.length, linesBefore + record.lines.length);
    assert.ok(receiver.spans.every(({ name }) => treeUpTo(spans.format).join().includes(name)));
  });
});
