import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findValue, type Span } from "#contract";
import { miniserve, spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { assertSound, createRequestRecord, type RequestRecord } from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

describe("spans of decode steps", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;

  withServer(
    {
      model: endlessModel(),
      settings: { MINISERVE_DECODE_STEP_SPANS: "every:4" },
    },
    (running) => {
      ({ receiver, server } = running);
    },
  );

  async function storyOfLength(maxTokens: number): Promise<RequestRecord> {
    const body = { prompt: "the story", max_tokens: maxTokens };
    const { status, traceId } = await postJson(`${server.url}/v1/completions`, body);
    assert.equal(status, 200);
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    return record;
  }

  function durationMs(span: Span | undefined): number {
    return Number((span?.endTimeUnixNano ?? 0n) - (span?.startTimeUnixNano ?? 0n)) / 1e6;
  }

  function listSteps(record: RequestRecord): number[] {
    const { key } = spans.decodeStep.attributes.decodeStepIndex ?? { key: "" };
    return record.spans
      .filter(({ name }) => name === spans.decodeStep.name)
      .map(({ attributes }) => {
        const value = attributes.find((attribute) => attribute.key === key)?.value;
        return value?.type === "int" ? Number(value.value) : Number.NaN;
      });
  }

  test("are made of every Nth step, from the first on", async () => {
    assert.deepEqual(listSteps(await storyOfLength(10)), [0, 4, 8]);
  });

  test("stop at a bound, however long the answer is", async () => {
    const steps = listSteps(await storyOfLength(300));
    assert.equal(steps.length, 64);
    assert.equal(steps.at(-1), 63 * 4);
  });

  test("take together what the mean of a step says", async () => {
    const record = await storyOfLength(4);
    const [decode] = record.spans.filter(({ name }) => name === spans.decode.name);
    const [first] = record.spans.filter(({ name }) => name === spans.decodeStep.name);
    const mean = findValue(decode?.attributes ?? [], miniserve.attributes.meanStepMs.key);
    assert.ok(mean?.type === "double" || mean?.type === "int");
    const meanMs = Number(mean.value);
    const decodeMs = durationMs(decode);
    // The time between steps is not theirs, and a busy machine makes it long.
    assert.ok(meanMs > 0 && meanMs * 4 <= decodeMs, `4 steps of ${meanMs} ms in ${decodeMs} ms`);
    assert.ok(meanMs >= durationMs(first) / 1_000, `${meanMs} ms`);
  });

  test("are none for an answer without tokens", async () => {
    assert.deepEqual(listSteps(await storyOfLength(0)), []);
  });
});
