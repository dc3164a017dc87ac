import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findValue, type Span } from "#contract";
import { miniserve, spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { assertSound, createRequestRecord } from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

describe("the time to the first token", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;

  withServer(
    {
      model: endlessModel(),
      settings: { MINISERVE_DECODE_STEP_SPANS: "every:1" },
    },
    (running) => {
      ({ receiver, server } = running);
    },
  );

  async function spansOfAnswer(maxTokens: number): Promise<readonly Span[]> {
    const body = { prompt: "the story", max_tokens: maxTokens };
    const { status, traceId } = await postJson(`${server.url}/v1/completions`, body);
    assert.equal(status, 200);
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    return record.spans;
  }

  function firstTokenAt(received: readonly Span[]): bigint | undefined {
    const root = received.find(({ name }) => name === spans.handler.name);
    const value = findValue(root?.attributes ?? [], miniserve.attributes.timeToFirstTokenUs.key);
    return value?.type === "int"
      ? (root?.startTimeUnixNano ?? 0n) + value.value * 1_000n
      : undefined;
  }

  // The next step begins when the first token is out, so the clock of neither can be off unseen.
  test("lies between the first decode step and the second", async () => {
    const received = await spansOfAnswer(5);
    const [first, second] = received
      .filter(({ name }) => name === spans.decodeStep.name)
      .toSorted((one, other) => Number(one.startTimeUnixNano - other.startTimeUnixNano));
    const at = firstTokenAt(received);
    assert.ok(first && second && at !== undefined);
    // Whole microseconds: up to one is cut off.
    assert.ok(at + 1_000n >= first.endTimeUnixNano, "before the first step had ended");
    assert.ok(at <= second.startTimeUnixNano, "after the second step had begun");
  });

  test("is that of the only token of an answer", async () => {
    assert.notEqual(firstTokenAt(await spansOfAnswer(1)), undefined);
  });

  test("is missing where there is no token", async () => {
    assert.equal(firstTokenAt(await spansOfAnswer(0)), undefined);
  });
});
