import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { completeRequest, startTracedService, type TracedService } from "./traced-service.ts";

const spansOfRequest = 5;
const retry = { firstDelayMs: 20, maxDelayMs: 200, shutdownMs: 2_000 };

/** Requests at intervals, as a server has them. @returns how many spans they left. */
async function load({ tracing }: TracedService, requests: number): Promise<number> {
  for (let request = 0; request < requests; request += 1) {
    await completeRequest(tracing);
    await delay(5);
  }
  return requests * spansOfRequest;
}

const listEvents = ({ lines }: TracedService): string[] => lines.map(({ event }) => event);

/** All spans have arrived, each once. */
async function assertAllThere(service: TracedService, spans: number): Promise<void> {
  const { receiver, tracing } = service;
  await receiver.waitFor(`${spans} spans`, (found) => found.length >= spans);
  assert.equal(new Set(receiver.spans.map(({ spanId }) => spanId)).size, spans);
  assert.equal(receiver.spans.length, spans);
  assert.deepEqual(await tracing.shutdown(), { spansDropped: 0 });
  const { exportsFailed, ...statistics } = tracing.statistics();
  assert.ok(exportsFailed > 0, "an outage without a failure");
  assert.deepEqual(statistics, {
    spansEnded: spans,
    spansAccepted: spans,
    spansDropped: 0,
    contractViolations: 0,
  });
}

const began = "export.outage_began";
const ended = "export.outage_ended";

test("a collector that is down at the start and comes", async (t) => {
  const receiver = await OtlpReceiver.start();
  await receiver.stop();
  const service = await startTracedService({ receiver, retry });
  t.after(service.stop);
  const spans = await load(service, 100);
  assert.deepEqual(listEvents(service), [began]);
  assert.equal(service.lines[0]?.fields.reason, "14 UNAVAILABLE");
  assert.equal(service.lines[0]?.trace_id, undefined, "the line belongs to no request");
  await receiver.restart();
  await assertAllThere(service, spans);
  assert.deepEqual(listEvents(service), [began, ended]);
  assert.equal(service.lines[1]?.fields.spansDropped, 0);
});

test("a collector that dies and comes back, twice", async (t) => {
  const service = await startTracedService({ retry });
  t.after(service.stop);
  let spans = await load(service, 50);
  for (const _time of [1, 2]) {
    await service.receiver.stop();
    spans += await load(service, 80);
    await service.receiver.restart();
    spans += await load(service, 20);
    await service.receiver.waitFor(`${spans} spans`, (found) => found.length >= spans);
  }
  await assertAllThere(service, spans);
  assert.deepEqual(listEvents(service), [began, ended, began, ended]);
});

test("a collector that answers that it is unavailable for a while", async (t) => {
  const service = await startTracedService({ retry });
  t.after(service.stop);
  service.receiver.behave("unavailable");
  const spans = await load(service, 100);
  service.receiver.behave("accept");
  await assertAllThere(service, spans);
  assert.deepEqual(listEvents(service), [began, ended]);
});

test("a collector that hangs for a while", async (t) => {
  const service = await startTracedService({
    retry,
    environment: { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "300" },
  });
  t.after(service.stop);
  service.receiver.behave("hang");
  const spans = await load(service, 150);
  // Every request is over, though no export has been answered.
  assert.equal(service.tracing.statistics().spansAccepted, 0);
  assert.equal(service.tracing.statistics().spansEnded, spans);
  service.receiver.behave("accept");
  await assertAllThere(service, spans);
  assert.deepEqual(listEvents(service), [began, ended]);
  assert.equal(service.lines[0]?.fields.reason, "4 DEADLINE_EXCEEDED");
});

test("something that takes connections and says nothing", async (t) => {
  const receiver = await OtlpReceiver.start();
  await receiver.stop();
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(receiver.grpcPort, "127.0.0.1", resolve));
  const service = await startTracedService({
    receiver,
    retry,
    environment: { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "300" },
  });
  t.after(async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    await service.stop();
  });
  const spans = await load(service, 100);
  // The connections that say nothing stay open.
  silent.close();
  await receiver.restart();
  await assertAllThere(service, spans);
  assert.deepEqual(listEvents(service), [began, ended]);
});

test("a collector that is never there: all is counted, and the shutdown is bounded", async () => {
  const receiver = await OtlpReceiver.start();
  await receiver.stop();
  const service = await startTracedService({ receiver, retry });
  const spans = await load(service, 100);
  const [first, second] = await Promise.all([
    service.tracing.shutdown(),
    service.tracing.shutdown(),
  ]);
  assert.deepEqual(first, { spansDropped: spans });
  assert.deepEqual(second, first);
  assert.deepEqual(listEvents(service), [began, "spans.lost"]);
  assert.equal(service.lines[1]?.fields.spansDropped, spans);
  assert.equal(service.tracing.statistics().spansDropped, spans);
});

test("the shutdown does not wait for a collector that hangs", async (t) => {
  const service = await startTracedService({ retry: { ...retry, shutdownMs: 100 } });
  t.after(service.stop);
  service.receiver.behave("hang");
  const spans = await load(service, 10);
  // The export has the whole two seconds that it is given, and the shutdown is over before.
  assert.deepEqual(await service.tracing.shutdown(), { spansDropped: spans });
  assert.deepEqual(listEvents(service), ["spans.lost"]);
});

test("the shutdown still sends what a collector that is slow to come has not got", async () => {
  const receiver = await OtlpReceiver.start();
  await receiver.stop();
  const service = await startTracedService({ receiver, retry: { ...retry, shutdownMs: 20_000 } });
  const spans = await load(service, 20);
  const stopping = service.tracing.shutdown();
  await delay(300);
  await receiver.restart();
  assert.deepEqual(await stopping, { spansDropped: 0 });
  assert.equal(receiver.spans.length, spans);
  await service.stop();
});

test("over the bound the oldest spans go, and the end of the outage says how many", async (t) => {
  const receiver = await OtlpReceiver.start();
  await receiver.stop();
  const service = await startTracedService({
    receiver,
    retry: { ...retry, maxSpans: 200 },
    environment: { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "20" },
  });
  t.after(service.stop);
  const spans = await load(service, 100);
  await delay(300); // The batch processor hands over what it has.
  await receiver.restart();
  await receiver.waitFor("the newest spans", (found) => found.length >= 200);
  const { spansDropped } = await service.tracing.shutdown();
  assert.equal(spansDropped, spans - 200);
  assert.equal(receiver.spans.length, 200);
  assert.deepEqual(listEvents(service), [began, ended, "spans.lost"]);
  assert.equal(service.lines[1]?.fields.spansDropped, spans - 200);
});

test("a batch that never passes is given up, and others come after it", async (t) => {
  const service = await startTracedService({ retry: { ...retry, maxBatchAgeMs: 200 } });
  t.after(service.stop);
  service.receiver.behave("unavailable");
  const poison = await load(service, 1);
  await service.receiver.waitFor(
    "the batch to be given up",
    () => service.tracing.statistics().spansDropped === poison,
  );
  service.receiver.behave("accept");
  const spans = await load(service, 2);
  await service.receiver.waitFor(`${spans} spans`, (found) => found.length === spans);
  assert.deepEqual(await service.tracing.shutdown(), { spansDropped: poison });
});

test("what the collector refuses for good is dropped, counted and told", async (t) => {
  const receiver = await OtlpReceiver.start();
  await receiver.stop();
  // Without a service it answers that there is no such method.
  const stranger = new grpc.Server();
  const address = `127.0.0.1:${receiver.grpcPort}`;
  await new Promise<void>((resolve, reject) => {
    stranger.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  const service = await startTracedService({ receiver, retry });
  t.after(async () => {
    stranger.forceShutdown();
    await service.stop();
  });
  const spans = await load(service, 10);
  assert.deepEqual(await service.tracing.shutdown(), { spansDropped: spans });
  assert.deepEqual(listEvents(service), [began, "spans.lost"]);
  assert.equal(service.lines[0]?.fields.reason, "12 UNIMPLEMENTED");
});
