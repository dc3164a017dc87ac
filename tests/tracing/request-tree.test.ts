import assert from "node:assert/strict";
import { test } from "node:test";
import { named, plain, received, run } from "./received.ts";
import { spans } from "./traced-contract.ts";
import {
  completed,
  completeRequest,
  prefill,
  serveTests,
  tokenize,
  violations,
} from "./traced-service.ts";

const service = await serveTests();

test("a request leaves exactly the contract's tree, with and without retrieval", async () => {
  const without = await received(service, await completeRequest(service.tracing));
  assert.deepEqual(violations(without), []);
  assert.equal(without.length, 5);

  const found = await received(
    service,
    await completeRequest(service.tracing, { retrieval: true }),
  );
  assert.deepEqual(violations(found), []);
  assert.deepEqual(
    [...found]
      .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
      .map(({ name }) => name),
    [
      spans.handler,
      spans.tokenize,
      spans.retrieve,
      spans.embedQuery,
      spans.vectorSearch,
      spans.rerank,
      spans.prefill,
      spans.decode,
      spans.format,
    ].map(({ name }) => name),
  );
  assert.deepEqual(service.lines, []);
});

test("resource, tracer and kind are the contract's, and nothing of the machine is told", async () => {
  const [first] = await received(service, await completeRequest(service.tracing));
  assert.ok(first);
  assert.deepEqual(
    Object.fromEntries(first.resource.attributes.map(({ key, value }) => [key, value])),
    {
      "service.name": { type: "string", value: "miniserve" },
      "service.version": { type: "string", value: "0123abc" },
      "deployment.environment": { type: "string", value: "dev" },
    },
  );
  assert.equal(first.scope.name, "lynx-cortex.miniserve");
});

test("zeros are written, and a whole double arrives as a number", async () => {
  const { found } = await run(service, async (request) => {
    await tokenize(request);
    await prefill(request);
    await request.stage(spans.decode, { model: "m" }, async (stage) =>
      stage.done(undefined, { tokensOut: 0, decodeSteps: 0, meanStepMs: 0, stopReason: "length" }),
    );
    await request.stage(spans.format, { outputFormat: "json" }, async (stage) =>
      stage.done(undefined, { tokensOut: 0 }),
    );
    return request.done(undefined, completed);
  });
  assert.deepEqual(violations(found), []);
  assert.deepEqual(plain(named(found, spans.decode)), {
    "llm.model": "m",
    "llm.tokens.out": 0n,
    "llm.decode.steps": 0n,
    "llm.decode.mean_step_ms": 0n,
    "llm.stop_reason": "length",
  });
});

test("children lie within their parents and after each other, to the nanosecond", async () => {
  const traceIds = await Promise.all(
    Array.from({ length: 40 }, () => completeRequest(service.tracing, { retrieval: true })),
  );
  for (const traceId of traceIds) {
    const found = await received(service, traceId);
    assert.deepEqual(violations(found), []);
    const byId = new Map(found.map((span) => [span.spanId, span]));
    for (const span of found) {
      const parent = byId.get(span.parentSpanId ?? "");
      assert.ok(span.endTimeUnixNano > span.startTimeUnixNano);
      assert.ok(parent === undefined || span.startTimeUnixNano > parent.startTimeUnixNano);
      assert.ok(parent === undefined || span.endTimeUnixNano < parent.endTimeUnixNano);
    }
  }
});

test("the root starts when its request began", async () => {
  const startedAt = process.hrtime.bigint() - 250_000_000n;
  const found = await received(
    service,
    await completeRequest(service.tracing, { start: { startedAt } }),
  );
  const root = named(found, spans.handler);
  const beforeStages = named(found, spans.tokenize).startTimeUnixNano - root.startTimeUnixNano;
  assert.ok(beforeStages >= 250_000_000n, `${beforeStages} ns`);
  assert.deepEqual(violations(found), []);
});
