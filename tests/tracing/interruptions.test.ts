import assert from "node:assert/strict";
import { test } from "node:test";
import { named, plain, received, run } from "./received.ts";
import { spans } from "./traced-contract.ts";
import {
  completed,
  Interrupted,
  prefill,
  requestStart,
  serveTests,
  tokenize,
  violations,
} from "./traced-service.ts";

const service = await serveTests();

test("an interrupted stage says so, and has no error", async () => {
  const { found } = await run(service, async (request) => {
    await tokenize(request);
    await prefill(request);
    await request.stage(spans.decode, { model: "m" }, async (stage) => {
      stage.set({ tokensOut: 1, stopReason: "stop" });
      throw new Interrupted();
    });
    return request.done(undefined, completed);
  });
  assert.deepEqual(violations(found), []);
  const stage = named(found, spans.decode);
  assert.equal(plain(stage)["llm.stop_reason"], "abort");
  assert.deepEqual(
    found.map(({ status }) => status.code),
    found.map(() => "unset"),
  );
  assert.deepEqual(service.lines, [
    {
      event: "stage.interrupted",
      fields: { stage: spans.decode.name },
      trace_id: stage.traceId,
      span_id: stage.spanId,
    },
  ]);
});

test("timeout and shutdown are interruptions with an error on the root alone", async () => {
  for (const outcome of ["timeout", "shutdown"] as const) {
    let traceId = "";
    const start = requestStart({
      onThrow: () => ({ statusCode: 503, outcome, errorType: outcome }),
    });
    const running = service.tracing.traceRequest(spans.handler, start, async (request) => {
      traceId = request.traceId;
      await tokenize(request);
      await request.stage(spans.prefill, { model: "m" }, async () => {
        throw new Interrupted();
      });
      return request.done(undefined, completed);
    });
    await assert.rejects(running, Interrupted);
    const found = await received(service, traceId);
    assert.deepEqual(violations(found), []);
    assert.equal(named(found, spans.handler).status.code, "error");
  }
});

test("a stage that still runs when its request is over is ended within it", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left: Promise<unknown> | undefined;
  const { found } = await run(service, async (request) => {
    await tokenize(request);
    left = request.stage(spans.prefill, { model: "m" }, async (stage) => {
      await promise;
      stage.set({ tokensIn: 1 });
      await stage.stage(spans.embedQuery, {}, async (inner) => inner.done(undefined, {}));
      return stage.done("late", { tokensIn: 5, cacheHits: 0, cacheMisses: 5 });
    });
    throw new Interrupted();
  });
  resolve();
  assert.equal(await left, "late");
  assert.deepEqual(violations(found), []);
  assert.equal(found.length, 3);
  assert.deepEqual(
    service.lines.map(({ event }) => event),
    ["stage.interrupted", "contract.violated"],
  );
});
