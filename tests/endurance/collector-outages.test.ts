import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { validateTrace } from "#contract";
import { logEvents, miniserve, spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { patienceMs } from "../support/patience.ts";
import { postJson } from "../support/post-json.ts";
import { type LogLine, ServerProcess } from "../support/server-process.ts";
import { completeRequest } from "../support/traces/complete-request.ts";

const spansOfRequest = completeRequest(miniserve).length;
const model = endlessModel();
const settings = {
  MINISERVE_SLOTS: "4",
  MINISERVE_LOG_LEVEL: "info",
  // An export that hangs is given up soon, so that there are several in one test.
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "400",
};

/** Requests by a number of clients at once. Each must be answered, whatever becomes of its spans. */
async function load(server: ServerProcess, requests: number): Promise<string[]> {
  let left = requests;
  const traceIds: string[] = [];
  const askOn = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const body = { prompt: "the story", max_tokens: 4, stream: left % 2 === 0 };
      const answer = await postJson(`${server.url}/v1/completions`, body);
      assert.equal(answer.status, 200, answer.text);
      assert.ok(!answer.text.includes('"error"'), answer.text);
      traceIds.push(answer.traceId);
    }
  };
  await Promise.all(Array.from({ length: 8 }, askOn));
  return traceIds;
}

const filterLines = (server: ServerProcess, event: { readonly name: string }): LogLine[] =>
  server.lines.filter((line) => line.event === event.name);

/** The next end of an outage in the log, after those that were there. */
async function untilOver(server: ServerProcess, outages: number): Promise<void> {
  for (const giveUpAt = performance.now() + patienceMs; ; await delay(20)) {
    if (filterLines(server, logEvents.exportOutageEnded).length >= outages) {
      return;
    }
    assert.ok(performance.now() < giveUpAt, `outage ${outages} does not end`);
  }
}

/** Each request has its whole tree, once. */
function assertAllThere(receiver: OtlpReceiver, traceIds: readonly string[]): void {
  assert.equal(receiver.spans.length, traceIds.length * spansOfRequest);
  assert.equal(new Set(receiver.spans.map(({ spanId }) => spanId)).size, receiver.spans.length);
  const roots = receiver.spans.filter(({ name }) => name === spans.handler.name);
  assert.deepEqual(roots.map(({ traceId }) => traceId).sort(), traceIds.toSorted());
  assert.deepEqual(validateTrace(miniserve, receiver.spans), []);
}

test("a collector that is down at the start, dies, hangs and comes back: nothing is lost", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  await receiver.stop();
  await using server = await ServerProcess.start({ receiver, model, settings });
  const traceIds = await load(server, 60);
  assert.equal(receiver.spans.length, 0);
  await receiver.restart();
  await untilOver(server, 1);

  const duringDeath = load(server, 120);
  await delay(60);
  await receiver.stop();
  traceIds.push(...(await duringDeath), ...(await load(server, 40)));
  await receiver.restart();
  await untilOver(server, 2);

  receiver.behave("hang");
  traceIds.push(...(await load(server, 120)));
  await server.waitForLine(
    "the third outage",
    () => filterLines(server, logEvents.exportOutageBegan).length === 3,
  );
  receiver.behave("accept");
  await untilOver(server, 3);

  receiver.behave("unavailable");
  traceIds.push(...(await load(server, 40)));
  await server.waitForLine(
    "the fourth outage",
    () => filterLines(server, logEvents.exportOutageBegan).length === 4,
  );
  receiver.behave("accept");
  await untilOver(server, 4);

  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assertAllThere(receiver, traceIds);
  const ended = filterLines(server, logEvents.exportOutageEnded);
  assert.deepEqual(
    ended.map((line) => line["spans.dropped"]),
    [0, 0, 0, 0],
  );
  assert.equal(filterLines(server, logEvents.spansLost).length, 0);
  const finished = filterLines(server, logEvents.requestFinished);
  assert.equal(finished.length, traceIds.length);
  // The lines about the collector belong to no request.
  const about = [...filterLines(server, logEvents.exportOutageBegan), ...ended];
  assert.ok(about.every(({ trace_id }) => trace_id === undefined));
  t.diagnostic(`${traceIds.length} requests, ${receiver.spans.length} spans`);
});

test("a collector that never comes: all is answered, and the loss is told to the span", async (t) => {
  const receiver = await OtlpReceiver.start();
  await receiver.stop();
  await using server = await ServerProcess.start({ receiver, model, settings });
  const traceIds = await load(server, 60);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  const lost = filterLines(server, logEvents.spansLost);
  assert.deepEqual(
    lost.map((line) => line["spans.dropped"]),
    [traceIds.length * spansOfRequest],
  );
  assert.equal(filterLines(server, logEvents.exportOutageBegan).length, 1);
  assert.equal(filterLines(server, logEvents.requestFinished).length, traceIds.length);
  t.diagnostic(`${traceIds.length} requests, ${lost[0]?.["spans.dropped"]} spans lost`);
});

test("a collector that dies before the server stops: what it had is kept, the rest is told", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  await using server = await ServerProcess.start({ receiver, model, settings });
  const first = await load(server, 20);
  await receiver.waitFor("the first spans", (found) => found.length === 20 * spansOfRequest);
  receiver.behave("hang");
  const rest = await load(server, 40);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  receiver.behave("unavailable");
  const lost = filterLines(server, logEvents.spansLost).at(-1)?.["spans.dropped"];
  assert.equal(receiver.spans.length + Number(lost), (first.length + rest.length) * spansOfRequest);
  assert.equal(lost, rest.length * spansOfRequest);
  t.diagnostic(`${receiver.spans.length} spans kept, ${lost} lost`);
});
