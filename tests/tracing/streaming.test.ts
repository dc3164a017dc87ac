import assert from "node:assert/strict";
import { get } from "node:http";
import { test } from "node:test";
import { named } from "./received.ts";
import { StreamingService } from "./streaming-service.ts";
import { spans } from "./traced-contract.ts";
import { startTracedService, violations } from "./traced-service.ts";

const clients = 50;
const seed = 20_261;

/** Numbers from 0 to 1 that are the same in each run. */
function randomNumbers(from: number): () => number {
  let state = from;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Reads a stream, up to as many events as given, and then leaves. @returns whether it read all. */
function readStream(url: string, leaveAfterEvents: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = get(url, (response) => {
      let events = 0;
      response.on("data", (data: Buffer) => {
        events += data.toString().split("\n\n").length - 1;
        if (events >= leaveAfterEvents) {
          request.destroy();
          resolve(false);
        }
      });
      response.on("end", () => resolve(true));
      response.on("error", () => resolve(false));
    });
    request.on("error", reject);
  });
}

test(`${clients} streams at once, some of whose clients leave, and no wrong parent (seed ${seed})`, async (t) => {
  const service = await startTracedService();
  t.after(service.stop);
  const streaming = new StreamingService(service.tracing);
  const url = await streaming.listen();
  const random = randomNumbers(seed);
  const leaving = Array.from({ length: clients }, () =>
    random() < 0.4 ? 1 + Math.floor(random() * 4) : Number.POSITIVE_INFINITY,
  );
  const read = await Promise.all(leaving.map((events) => readStream(url, events)));
  const completedClients = read.filter((whole) => whole).length;
  assert.ok(completedClients > 0 && completedClients < clients, `${completedClients} read all`);
  await streaming.close();
  await service.tracing.shutdown();

  const traces = [...Map.groupBy(service.receiver.spans, ({ traceId }) => traceId).values()];
  assert.equal(traces.length, clients);
  for (const trace of traces) {
    assert.deepEqual(violations(trace), []);
    assert.equal(named(trace, spans.handler).parentSpanId, null);
  }
  const whole = traces.filter((trace) => trace.some(({ name }) => name === spans.format.name));
  assert.equal(whole.length, completedClients);

  const known = new Set(service.receiver.spans.map(({ traceId, spanId }) => traceId + spanId));
  for (const { place, expected, seen } of streaming.bound) {
    assert.ok(expected !== undefined, place);
    assert.deepEqual(seen, expected, place);
    assert.ok(known.has(expected.trace_id + expected.span_id), place);
  }
  const places = Map.groupBy(streaming.bound, ({ place }) => place);
  assert.deepEqual([...places.keys()].sort(), [
    "abort signal",
    "callback",
    "client closed",
    "generator elsewhere",
    "generator elsewhere, finally",
    "generator in a stream",
    "generator in a stream, finally",
    "shared emitter",
    "task",
    "task's error",
  ]);
  // Without the functions under test the same places are wrong: this is what makes the above a test.
  const wrong = streaming.unbound.filter(
    ({ expected, seen }) => expected?.span_id !== seen?.span_id,
  );
  assert.deepEqual([...new Set(wrong.map(({ place }) => place))].sort(), [
    "abort signal",
    "callback",
    "generator elsewhere",
    "generator elsewhere, finally",
  ]);
});
