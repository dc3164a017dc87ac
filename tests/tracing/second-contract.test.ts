import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defineAttributes,
  defineContract,
  defineLogEvents,
  defineResource,
  defineSpanTree,
  double,
  int,
  logEvent,
  oneOf,
  span,
  string,
  validateTrace,
} from "#contract";
import { startTracing, type Tracing, type TracingOptions } from "../../server/tracing/index.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { named, plain } from "./received.ts";

const word = { brief: "A word.", examples: ["a"] } as const;
const whole = { brief: "A number.", examples: [1] } as const;

/** A bakery: without outcomes, with other names, and with attributes that every stage ends with. */
const attributes = defineAttributes({
  loaf: oneOf("bakery.loaf", ["rye", "wheat"], { brief: "What is baked." }),
  degrees: double("bakery.oven.degrees", { ...whole, unit: "Cel" }),
  weightGrams: int("bakery.loaf.weight", { ...whole, unit: "g" }),
});
const spans = defineSpanTree(attributes, {
  order: span("bakery.order", {
    brief: "One loaf.",
    parent: null,
    kind: "consumer",
    atStart: ["loaf"],
    onSuccess: ["weightGrams"],
  }),
  oven: span("bakery.oven", {
    brief: "The oven.",
    parent: "order",
    atEnd: ["degrees"],
    onSuccess: ["weightGrams"],
  }),
});
const fields = defineAttributes({
  stage: string("stage", word),
  errorType: string("error.type", word),
  exceptionType: string("exception.type", word),
  stackFrames: string("exception.frames", word),
  reason: string("reason", word),
  action: string("action", word),
  durationMs: int("duration_ms", whole),
  spansWaiting: int("spans.waiting", whole),
  spansDropped: int("spans.dropped", whole),
});
const line = { brief: "A line.", level: "warn", span: null } as const;
const bakery = defineContract({
  tracerName: "bakery.tracer",
  resource: defineResource({
    attributes: defineAttributes({ name: string("service.name", word) }),
    serviceName: "name",
    defaults: { name: "bakery" },
  }),
  attributes,
  spans,
  logEvents: defineLogEvents(fields, {
    stageInterrupted: logEvent("a", { ...line, fields: ["stage"] }),
    stageFailed: logEvent("b", {
      ...line,
      fields: ["stage", "errorType", "exceptionType", "stackFrames"],
    }),
    exportOutageBegan: logEvent("c", { ...line, fields: ["reason", "spansWaiting", "action"] }),
    exportOutageEnded: logEvent("d", { ...line, fields: ["durationMs", "spansDropped"] }),
    spansLost: logEvent("e", { ...line, fields: ["spansDropped", "reason"] }),
    contractViolated: logEvent("f", { ...line, fields: ["reason"], optionalFields: ["stage"] }),
    tracingMessage: logEvent("g", { ...line, fields: ["reason"] }),
  }),
  invariants: [],
});

async function bake(tracing: Tracing, burn: boolean): Promise<string> {
  const start = { headers: {}, values: { loaf: "rye" }, onThrow: () => ({}) } as const;
  return await tracing.traceRequest(spans.order, start, async (order) => {
    const weightGrams = await order.stage(spans.oven, {}, async (oven) => {
      oven.set({ degrees: 230.5 });
      if (burn) {
        throw new Error("It burned.");
      }
      return oven.done(750, { weightGrams: 750, degrees: 220 });
    });
    return order.done(order.traceId, { weightGrams });
  });
}

test("another service is traced by another contract", async (t) => {
  const receiver = await OtlpReceiver.start();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.grpcEndpoint;
  t.after(async () => {
    await receiver.stop();
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  });
  const events: string[] = [];
  const log: TracingOptions["log"] = (event) => events.push(event.name);
  const tracing = startTracing(bakery, {
    log,
    serviceVersion: "not in this contract",
    environment: process.env,
    // Without outcomes there is no such thing as an interruption.
    isInterruption: () => true,
  });
  const traceId = await bake(tracing, false);
  await assert.rejects(bake(tracing, true), { message: "It burned." });
  assert.deepEqual(await tracing.shutdown(), { spansDropped: 0 });

  const baked = receiver.findSpans(traceId);
  const burned = receiver.spans.filter((span) => span.traceId !== traceId);
  for (const trace of [baked, burned]) {
    assert.equal(trace.length, 2);
    assert.deepEqual(validateTrace(bakery, trace), []);
  }
  assert.deepEqual(plain(named(baked, spans.oven)), {
    "bakery.oven.degrees": 220n,
    "bakery.loaf.weight": 750n,
  });
  assert.deepEqual(plain(named(baked, spans.order).resource), { "service.name": "bakery" });
  assert.equal(named(burned, spans.order).status.code, "error");
  assert.deepEqual(events, ["b"]);
});
