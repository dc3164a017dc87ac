/** The generated configuration in a real Collector: what it lets through, and what it does not. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { appendFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Attribute,
  findString,
  getServiceName,
  type KeyValue,
  type Resource,
  type Span,
} from "#contract";
import { logEvents, miniserve } from "#miniserve";
import { createSecret } from "../support/canary.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { formatSpan } from "../support/span-text.ts";
import { holds } from "../support/traces/draw.ts";
import { drawTrace } from "../support/traces/valid-trace.ts";
import { sendSpans, startCollector } from "./running-collector.ts";
import { plainSpan, plantings, readModel } from "./seeded-spans.ts";

const { OTELCOL_BIN = "" } = process.env;
const options = {
  skip: OTELCOL_BIN === "" && "set OTELCOL_BIN to the Collector, contrib 0.159 or newer",
  timeout: 120_000,
};

async function startReceiver(context: { after: (done: () => Promise<void>) => void }) {
  const receiver = await OtlpReceiver.start();
  context.after(() => receiver.stop());
  return { receiver, tempo: `127.0.0.1:${receiver.grpcPort}` };
}

test("spans of the contract pass as they are", options, async (context) => {
  const { receiver, tempo } = await startReceiver(context);
  const collector = await startCollector(context, { path: OTELCOL_BIN, tempo });
  const sent: Span[] = [];
  holds(context, 40, (draw) => {
    const traceId = randomBytes(16).toString("hex");
    const own = drawTrace(draw, miniserve).filter(isOwn);
    sent.push(...own.map((span) => ({ ...span, traceId, resource: operators(span.resource) })));
  });
  assert.ok(sent.length > 100, `${sent.length} spans`);
  await sendSpans(collector.httpEndpoint, sent);
  const received = await receiver.waitFor("all spans", ({ length }) => length >= sent.length);
  const byId = new Map(received.map((span) => [`${span.traceId} ${span.spanId}`, span]));
  for (const span of sent) {
    assert.deepEqual(
      normal(byId.get(`${span.traceId} ${span.spanId}`)),
      normal({ ...span, attributes: span.attributes.map(asDeclared) }),
    );
  }
});

/** What the operator sets is any text in the contract, and a word in the Collector. */
function operators({ attributes, ...resource }: Resource): Resource {
  const open = Object.values<Attribute>(miniserve.resource.attributes).filter(
    ({ pattern, values }) => pattern === undefined && values === undefined,
  );
  return {
    ...resource,
    attributes: attributes.map(({ key, value }) => {
      const example = open.find((attribute) => attribute.key === key)?.examples[0];
      return {
        key,
        value: example === undefined ? value : { type: "string", value: String(example) },
      };
    }),
  };
}

function isOwn({ resource }: Span): boolean {
  const key = miniserve.resource.attributes.serviceName?.key ?? "";
  return findString(resource.attributes, key) === getServiceName(miniserve);
}

/** The SDK sends a whole double as an integer, and the Collector puts that right. */
function asDeclared({ key, value }: KeyValue): KeyValue {
  const attribute = Object.values<Attribute>(miniserve.attributes).find(
    (declared) => declared.key === key,
  );
  return attribute?.type === "double" && value.type === "int"
    ? { key, value: { type: "double", value: Number(value.value) } }
    : { key, value };
}

/** Attributes are a set: their order is nobody's business. */
function normal(span: Span | undefined): unknown {
  const byKey = (one: KeyValue, other: KeyValue) => (one.key < other.key ? -1 : 1);
  return (
    span && {
      ...span,
      attributes: span.attributes.toSorted(byKey),
      events: span.events.map((event) => ({
        ...event,
        attributes: event.attributes.toSorted(byKey),
      })),
      resource: { ...span.resource, attributes: span.resource.attributes.toSorted(byKey) },
    }
  );
}

test("nothing that is planted in a span passes, wherever it is", options, async (context) => {
  const { receiver, tempo } = await startReceiver(context);
  const collector = await startCollector(context, { path: OTELCOL_BIN, tempo });
  const planted = plantings.map(({ place, plant }) => {
    const traceId = randomBytes(16).toString("hex");
    const secret = createSecret(16);
    const span = plant(plainSpan(traceId, BigInt(Date.now()) * 1_000_000n), secret);
    assert.ok(formatSpan(span).includes(secret), place);
    return { place, secret, span };
  });
  await sendSpans(
    collector.httpEndpoint,
    planted.map(({ span }) => span),
  );
  // A span with a link goes as a whole.
  const kept = planted.filter(({ span }) => span.links.length === 0);
  assert.equal(planted.length - kept.length, 2);
  await receiver.waitFor("all spans", ({ length }) => length >= kept.length);
  await delay(500);
  assert.equal(receiver.spans.length, kept.length);
  const all = receiver.spans.map(formatSpan).join("\n");
  for (const { place, secret } of planted) {
    assert.ok(!all.includes(secret), `what was planted as ${place} arrived`);
    assert.ok(!collector.program.output.includes(secret), `the Collector's log has ${place}`);
  }
  for (const { place, span } of kept.filter(({ place }) => place.startsWith("the status"))) {
    const [arrived] = receiver.findSpans(span.traceId);
    assert.equal(arrived && readModel(arrived), "tiny", place);
  }
});

test(
  "acknowledged spans survive a kill of the Collector and an outage",
  options,
  async (context) => {
    const { receiver, tempo } = await startReceiver(context);
    const collector = await startCollector(context, { path: OTELCOL_BIN, tempo });
    await receiver.stop();
    const traceIds = Array.from({ length: 300 }, () => randomBytes(16).toString("hex"));
    for (const traceId of traceIds) {
      await sendSpans(collector.httpEndpoint, [
        plainSpan(traceId, BigInt(Date.now()) * 1_000_000n),
      ]);
    }
    await collector.program.kill();
    await collector.restart();
    await receiver.restart();
    const { length } = traceIds;
    await receiver.waitFor("all spans", (spans) => spans.length >= length);
    assert.deepEqual(receiver.spans.map(({ traceId }) => traceId).sort(), traceIds.sort());
  },
);

test("log lines pass with what their event has, across a rotation", options, async (context) => {
  const { tempo } = await startReceiver(context);
  const collector = await startCollector(context, { path: OTELCOL_BIN, tempo });
  const secret = createSecret(16);
  const [traceId, spanId] = [randomBytes(16), randomBytes(8)];
  const file = join(collector.logDirectory, "miniserve.log");
  const write = (fields: object) =>
    appendFileSync(
      file,
      `${JSON.stringify({ level: "info", time: new Date().toISOString(), ...fields })}\n`,
    );
  const ids = { trace_id: traceId.toString("hex"), span_id: spanId.toString("hex") };
  const { requestFinished, outputDecoded, inputTokenized } = logEvents;
  write({
    event: requestFinished.name,
    ...ids,
    [requestFinished.fields.outcome?.key ?? ""]: "completed",
    [requestFinished.fields.durationUs?.key ?? ""]: 412_345,
    [requestFinished.fields.statusCode?.key ?? ""]: `${secret}`,
    body: secret,
    nested: { body: secret },
  });
  write({ event: secret, ...ids });
  write({ event: { body: secret } });
  write({ event: outputDecoded.name, level: secret, trace_id: secret, span_id: secret });
  appendFileSync(file, `${secret}\n{"event":"${secret}`);
  renameSync(file, join(collector.logDirectory, "miniserve.1.log"));
  write({ event: inputTokenized.name });
  const giveUpAt = performance.now() + 20_000;
  while (!collector.lines().includes(inputTokenized.name) && performance.now() < giveUpAt) {
    await delay(50);
  }
  await delay(500);
  const lines = collector.lines();
  for (const expected of [
    ...[requestFinished, outputDecoded, inputTokenized].map(({ name }) => name),
    requestFinished.fields.outcome?.key ?? "",
    "completed",
    traceId,
    spanId,
    getServiceName(miniserve),
    "unlisted",
  ]) {
    assert.ok(lines.includes(expected), String(expected));
  }
  assert.ok(!lines.includes(requestFinished.fields.statusCode?.key ?? ""));
  assert.ok(!lines.includes(secret));
});

test("log lines survive kills of the Collector at any moment", options, async (context) => {
  const { tempo } = await startReceiver(context);
  const collector = await startCollector(context, { path: OTELCOL_BIN, tempo });
  const traceIds: Buffer[] = [];
  const writing = setInterval(() => {
    const traceId = randomBytes(16);
    const line = {
      level: "info",
      time: new Date().toISOString(),
      event: logEvents.inputTokenized.name,
      trace_id: traceId.toString("hex"),
      span_id: randomBytes(8).toString("hex"),
    };
    appendFileSync(join(collector.logDirectory, "miniserve.log"), `${JSON.stringify(line)}\n`);
    traceIds.push(traceId);
  }, 4);
  let { program } = collector;
  for (let kill = 0; kill < 8; kill++) {
    await delay(600 + 37 * kill);
    await program.kill();
    program = await collector.restart();
  }
  clearInterval(writing);
  const missing = () => {
    const lines = collector.lines();
    return traceIds.filter((traceId) => !lines.includes(traceId));
  };
  const giveUpAt = performance.now() + 20_000;
  while (missing().length > 0 && performance.now() < giveUpAt) {
    await delay(200);
  }
  assert.equal(missing().length, 0, `of ${traceIds.length} lines`);
});
