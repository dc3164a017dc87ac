import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { LogEvent } from "#contract";
import { miniserve, spans } from "#miniserve";
import { activeSpanIds, type RequestTrace, startTracing } from "./index.ts";

type Request = RequestTrace<typeof spans.handler>;

const reasons: unknown[] = [];
const tracing = startTracing(miniserve, {
  log: (event: LogEvent, fields) => {
    assert.equal(event, miniserve.logEvents.contractViolated);
    reasons.push((fields as { reason: string }).reason);
  },
  serviceVersion: "0",
  environment: { OTEL_SDK_DISABLED: "true" },
  isInterruption: () => false,
});

after(() => tracing.shutdown());

const start = {
  headers: {},
  values: {
    method: "POST",
    route: "/v1/completions",
    model: "m",
    requestId: `cmpl-${"0".repeat(32)}`,
  },
  onThrow: () => ({ statusCode: 500, outcome: "failed", errorType: "internal" }) as const,
} as const;
const completed = { statusCode: 200, outcome: "completed" } as const;

/** What the log says when the body does what does not compile. */
async function refusals(body: (request: Request) => Promise<unknown>): Promise<unknown[]> {
  reasons.length = 0;
  await tracing.traceRequest(spans.handler, start, async (request) => {
    await body(request);
    return request.done(undefined, completed);
  });
  return [...reasons];
}

test("what an attribute does not take neither compiles nor is set", async () => {
  const refused = await refusals(async (request) => {
    // @ts-expect-error An attribute that is not of this span.
    request.set({ tokensOut: 1 });
    // @ts-expect-error An attribute that there is not.
    request.set({ temperature: 1 });
    // @ts-expect-error The wrong type.
    request.set({ slotWaitUs: "12" });
    // @ts-expect-error A value that is not listed.
    request.set({ outcome: "lost" });
    // @ts-expect-error Nothing in place of a value.
    request.set({ streamed: undefined });
    request.set({ streamed: true, slotWaitUs: 0 });
  });
  assert.equal(refused.length, 5);
});

test("a stage that starts or ends without all it must have neither compiles nor passes", async () => {
  const refused = await refusals(async (request) => {
    // @ts-expect-error It starts without the tokenizer's name.
    await request.stage(spans.tokenize, {}, async (stage) => stage.done(1, { tokensIn: 1 }));
    await request.stage(spans.prefill, { model: "m" }, async (stage) =>
      // @ts-expect-error It ends without the cache's counts.
      stage.done(1, { tokensIn: 1 }),
    );
    await request.stage(spans.format, { outputFormat: "text" }, async (stage) =>
      // @ts-expect-error It ends with an attribute of another span.
      stage.done(1, { tokensOut: 1, tokensIn: 1 }),
    );
  });
  assert.deepEqual(refused, [
    "it ended without tokenizerName.",
    "it ended without cacheHits, cacheMisses.",
    "format has no such attribute as the one that was set.",
  ]);
});

test("a stage must end with its own done", async () => {
  const refused = await refusals((request) =>
    request
      .stage(spans.tokenize, { tokenizerName: "llama" }, (tokenize) =>
        // @ts-expect-error The values of another stage.
        tokenize.stage(spans.embedQuery, {}, async () => tokenize.done(1, { tokensIn: 1 })),
      )
      .catch(() => undefined),
  );
  assert.ok(refused.includes("it ended with the values of another span."));
  const never = (request: Request) =>
    // @ts-expect-error No done at all.
    request.stage(spans.decode, { model: "m" }, async () => 1);
  assert.equal(typeof never, "function");
});

test("a request that starts or ends without all it must have does not compile", async () => {
  const never = () => [
    // @ts-expect-error It starts without a route.
    tracing.traceRequest(spans.handler, { ...start, values: { method: "POST" } }, async (request) =>
      request.done(1, completed),
    ),
    tracing.traceRequest(spans.handler, start, async (request) =>
      // @ts-expect-error It ends without an outcome.
      request.done(1, { statusCode: 200 }),
    ),
    // @ts-expect-error Nothing is said for the end of a body that throws.
    tracing.traceRequest(spans.handler, { headers: {}, values: start.values }, async (request) =>
      request.done(1, completed),
    ),
  ];
  assert.equal(typeof never, "function");
});

test("results keep their types", async () => {
  const length: number = await tracing.traceRequest(spans.handler, start, async (request) => {
    const words: string[] = await request.stage(
      spans.tokenize,
      { tokenizerName: "llama" },
      async (stage) => stage.done(["a", "b"], { tokensIn: 2 }),
    );
    return request.done(words.length, completed);
  });
  assert.equal(length, 2);
});

test("without a provider a request has ids of its own, and exports nothing", async () => {
  await tracing.traceRequest(spans.handler, start, async (request) => {
    assert.equal(request.exported, false);
    assert.match(request.traceId, /^(?!0+$)[0-9a-f]{32}$/);
    const root = activeSpanIds();
    assert.equal(root?.trace_id, request.traceId);
    await request.stage(spans.tokenize, { tokenizerName: "llama" }, async (stage) => {
      const ids = activeSpanIds();
      assert.equal(ids?.trace_id, request.traceId);
      assert.notEqual(ids?.span_id, root?.span_id);
      return stage.done(undefined, { tokensIn: 2 });
    });
    return request.done(undefined, completed);
  });
  assert.equal(activeSpanIds(), undefined);
  const callers = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${callers}-b7ad6b7169203331-01` };
  await tracing.traceRequest(spans.handler, { ...start, headers }, async (request) => {
    assert.equal(request.traceId, callers);
    assert.notEqual(activeSpanIds()?.span_id, "b7ad6b7169203331");
    return request.done(undefined, completed);
  });
  assert.deepEqual(await tracing.shutdown(), { spansDropped: 0 });
});
