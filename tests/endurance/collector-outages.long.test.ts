import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { validateTrace } from "#contract";
import { logEvents, miniserve } from "#miniserve";
import { InProcessServer } from "../support/in-process-server.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { completeRequest } from "../support/traces/complete-request.ts";

const requests = 6_000;
/** What the exporter keeps while it cannot send. */
const bound = 20_000;
const spansOfRequest = completeRequest(miniserve).length;

test("an outage longer than the bound: the oldest spans go, and their number is right", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  await receiver.stop();
  const server = await InProcessServer.start({ receiver, settings: { MINISERVE_SLOTS: "8" } });
  let left = requests;
  const askOn = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const body = { prompt: "x", max_tokens: 1 };
      const answer = await postJson(`${server.url}/v1/completions`, body);
      assert.equal(answer.status, 200, answer.text);
    }
  };
  await Promise.all(Array.from({ length: 16 }, askOn));
  const { spansEnded, spansAccepted } = server.statistics;
  assert.deepEqual([spansEnded, spansAccepted], [requests * spansOfRequest, 0]);
  await receiver.restart();
  while (server.statistics.spansAccepted + server.statistics.spansDropped < spansEnded) {
    await delay(20);
  }
  await server.stop();
  const { spansDropped, contractViolations } = server.statistics;
  assert.equal(receiver.spans.length + spansDropped, spansEnded);
  assert.equal(receiver.spans.length, bound);
  assert.equal(contractViolations, 0);
  const told = server.lines.filter(({ event }) => event === logEvents.spansLost.name).at(-1);
  assert.equal(told?.["spans.dropped"], spansDropped);
  // Of one request at the cut some spans may be missing; all others are whole.
  const traces = Map.groupBy(receiver.spans, ({ traceId }) => traceId);
  const broken = [...traces.values()].filter((one) => validateTrace(miniserve, one).length > 0);
  assert.ok(broken.length <= 16, `${broken.length} traces are not whole`);
  t.diagnostic(`${spansEnded} spans ended, ${receiver.spans.length} sent, ${spansDropped} lost`);
});
