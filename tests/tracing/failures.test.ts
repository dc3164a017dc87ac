import assert from "node:assert/strict";
import { test } from "node:test";
import { named, plain, received, run, toText } from "./received.ts";
import { spans } from "./traced-contract.ts";
import {
  completed,
  prefill,
  requestStart,
  serveTests,
  tokenize,
  violations,
} from "./traced-service.ts";

const service = await serveTests();

const secret = "CANARY-8fd1";

class EngineError extends Error {
  readonly code = "generation_failed";
}

test("a stage that throws has the exception, without its message, and so says the log", async () => {
  const error = new EngineError(`${secret}\n    at ${secret} (/work/${secret}.ts:1:1)`);
  const { found, thrown } = await run(service, async (request) => {
    await tokenize(request);
    await prefill(request);
    await request.stage(spans.decode, { model: "m" }, async (stage) => {
      stage.set({ tokensOut: 2 });
      throw error;
    });
    return request.done(undefined, completed);
  });
  assert.equal(thrown, error);
  assert.deepEqual(violations(found), []);
  const failed = named(found, spans.decode);
  assert.deepEqual(failed.status, { code: "error", message: "generation_failed" });
  assert.equal(plain(failed)["llm.stop_reason"], "error");
  assert.equal(plain(failed)["llm.tokens.out"], 2n);
  assert.deepEqual(named(found, spans.handler).status, { code: "error", message: "" });

  const [event, ...others] = found.flatMap((span) => span.events);
  assert.ok(event !== undefined && others.length === 0, "one exception in the whole trace");
  const told = plain(event);
  assert.equal(told["exception.type"], "EngineError");
  assert.equal(told["exception.message"], "generation_failed");
  assert.match(String(told["exception.stacktrace"]), /failures\.test\.ts:\d+:\d+/);
  assert.doesNotMatch(String(told["exception.stacktrace"]), /\/work\//);

  assert.equal(toText([found, service.lines]).includes(secret), false);
  const [line, ...more] = service.lines;
  assert.ok(line !== undefined && more.length === 0, "one line");
  assert.equal(line.event, "stage.failed");
  assert.equal(line.fields.stage, spans.decode.name);
  assert.equal(line.fields.errorType, "generation_failed");
  assert.equal(line.trace_id, failed.traceId);
  assert.equal(line.span_id, failed.spanId);
});

test("of a failure deep down the ancestors have the status and not the exception", async () => {
  const { found } = await run(service, async (request) => {
    await tokenize(request);
    await request.stage(spans.retrieve, { indexName: "docs" }, async (stage) => {
      await stage.stage(spans.embedQuery, {}, async (inner) => inner.done(undefined, {}));
      try {
        await stage.stage(spans.vectorSearch, {}, async () => {
          throw new TypeError(secret);
        });
      } catch (cause) {
        throw new Error("wrapped", { cause });
      }
      return stage.done(undefined, { docsRetrieved: 1, docsReranked: 1 });
    });
    return request.done(undefined, completed);
  });
  assert.deepEqual(violations(found), []);
  for (const definition of [spans.vectorSearch, spans.retrieve, spans.handler]) {
    const span = named(found, definition);
    assert.equal(span.status.code, "error");
    assert.equal(span.events.length, definition === spans.vectorSearch ? 1 : 0, definition.name);
  }
  assert.equal(named(found, spans.vectorSearch).status.message, "exception");
  assert.deepEqual(
    service.lines.map(({ event, fields }) => [event, fields.stage, fields.errorType]),
    [["stage.failed", spans.vectorSearch.name, "exception"]],
  );
});

test("what is thrown between the stages, also if it is no error, is told on the root", async () => {
  for (const what of [new RangeError(secret), secret, undefined]) {
    service.lines.length = 0;
    const { found, thrown } = await run(service, async (request) => {
      await tokenize(request);
      throw what;
    });
    assert.equal(thrown, what);
    assert.deepEqual(violations(found), []);
    const root = named(found, spans.handler);
    assert.equal(root.status.code, "error");
    assert.equal(root.events.length, 1);
    assert.deepEqual(
      service.lines.map(({ event, span_id }) => [event, span_id]),
      [["stage.failed", root.spanId]],
    );
    assert.equal(toText([found, service.lines]).includes(secret), false);
  }
});

test("a body that answers an error itself notes the failure", async () => {
  const { found, thrown } = await run(service, async (request) => {
    await tokenize(request);
    request.noteFailure(new Error(secret));
    return request.done(undefined, { statusCode: 500, outcome: "failed", errorType: "internal" });
  });
  assert.equal(thrown, undefined);
  assert.deepEqual(violations(found), []);
  assert.equal(named(found, spans.handler).events.length, 1);
});

test("a rejected request has no error, thrown or not", async () => {
  const rejected = { statusCode: 400, outcome: "rejected", errorType: "too_long" } as const;
  const onThrow = () => rejected;
  let traceId = "";
  const start = requestStart({ onThrow });
  const throwing = service.tracing.traceRequest(spans.handler, start, async (request) => {
    traceId = request.traceId;
    await tokenize(request);
    throw new Error(secret);
  });
  await assert.rejects(throwing, { message: secret });
  const { found } = await run(service, async (request) => request.done(undefined, rejected));
  for (const trace of [await received(service, traceId), found]) {
    assert.deepEqual(violations(trace), []);
    assert.deepEqual(
      trace.map(({ status, events }) => [status.code, events.length]),
      trace.map(() => ["unset", 0]),
    );
  }
  assert.deepEqual(service.lines, []);
});
