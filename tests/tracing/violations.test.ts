import assert from "node:assert/strict";
import { test } from "node:test";
import { findValue } from "#contract";
import { startTracing, TracingError } from "../../server/tracing/index.ts";
import { named, plain, received, run, toText } from "./received.ts";
import { spans, traced } from "./traced-contract.ts";
import {
  completed,
  decode,
  decoded,
  format,
  Interrupted,
  prefill,
  requestStart,
  serveTests,
  tokenize,
  violations,
} from "./traced-service.ts";

const service = await serveTests();

const secret = "CANARY-8fd1";

test("the outcome decides what the root needs, and a missing value is a violation", async () => {
  const before = service.tracing.statistics().contractViolations;
  const { found } = await run(service, async (request) =>
    request.done(undefined, { statusCode: 429, outcome: "rejected" }),
  );
  assert.equal(violations(found).length, 1);
  const [line] = service.lines;
  assert.equal(line?.event, "contract.violated");
  assert.equal(line?.fields.reason, "it ended without errorType.");
  assert.equal(service.tracing.statistics().contractViolations, before + 1);
});

test("a value that the contract refuses is left out, and told without being repeated", async () => {
  const { found } = await run(service, async (request) => {
    await tokenize(request);
    await prefill(request);
    await request.stage(spans.decode, { model: `${secret} {}` }, async (stage) => {
      // What types cannot see: forms, ranges, and callers that cast.
      stage.set({ tokensOut: -1, decodeSteps: 1.5 });
      stage.set({ [secret]: secret } as never);
      return stage.done(undefined, {
        ...decoded,
        stopReason: secret as never,
        meanStepMs: Number.NaN,
      });
    });
    await format(request);
    return request.done(undefined, completed);
  });
  assert.deepEqual(plain(named(found, spans.decode)), {
    "llm.tokens.out": 3n,
    "llm.decode.steps": 4n,
  });
  assert.deepEqual(
    service.lines.map(({ event, fields }) => [event, fields.stage, fields.reason]),
    [
      [
        "contract.violated",
        spans.decode.name,
        `llm.model is not of the form ${traced.attributes.model.pattern?.source}.`,
      ],
      ["contract.violated", spans.decode.name, "llm.tokens.out is below 0."],
      ["contract.violated", spans.decode.name, "llm.decode.steps is not a whole number."],
      [
        "contract.violated",
        spans.decode.name,
        "decode has no such attribute as the one that was set.",
      ],
      ["contract.violated", spans.decode.name, "llm.decode.mean_step_ms is not a number."],
      [
        "contract.violated",
        spans.decode.name,
        "llm.stop_reason is not one of stop, length, tool_calls, abort, error.",
      ],
    ],
  );
  assert.equal(toText([found, service.lines]).includes(secret), false);
});

test("a stage in the wrong place runs without a span, and so does what is in it", async () => {
  const { found } = await run(service, async (request) => {
    await tokenize(request);
    const result = await request.stage(spans.prefill, { model: "m" }, async (stage) => {
      const inner = await stage.stage(spans.retrieve, { indexName: "docs" }, async (misplaced) => {
        await misplaced.stage(spans.rerank, {}, async (rerank) => rerank.done(undefined, {}));
        return misplaced.done(7, { docsRetrieved: 1, docsReranked: 1 });
      });
      return stage.done(inner, { tokensIn: 5, cacheHits: 5, cacheMisses: 0 });
    });
    assert.equal(result, 7);
    await decode(request);
    await format(request);
    return request.done(undefined, completed);
  });
  assert.deepEqual(violations(found), []);
  assert.equal(found.length, 5);
  assert.deepEqual(
    service.lines.map(({ event, span_id }) => [event, span_id]),
    [["contract.violated", named(found, spans.prefill).spanId]],
  );
});

test("values that were made for another span are not taken", async () => {
  const { found } = await run(service, async (request) => {
    await tokenize(request);
    await request.stage(spans.retrieve, { indexName: "docs" }, async (outer) => {
      await outer.stage(spans.embedQuery, {}, async (embed) => {
        await outer.stage(spans.vectorSearch, {}, async () => embed.done(undefined, {}));
        return embed.done(undefined, {});
      });
      await outer.stage(spans.rerank, {}, async (rerank) => rerank.done(undefined, {}));
      return outer.done(undefined, { docsRetrieved: 1, docsReranked: 1 });
    });
    throw new Interrupted();
  });
  assert.equal(found.length, 6);
  assert.deepEqual(
    service.lines.map(({ fields }) => fields.reason),
    ["it ended with the values of another span."],
  );
});

test("a request that throws in onThrow too still ends", async () => {
  let traceId = "";
  const start = requestStart({
    onThrow: () => {
      throw new Error("second");
    },
  });
  const running = service.tracing.traceRequest(spans.handler, start, async (request) => {
    traceId = request.traceId;
    throw new Error("first");
  });
  await assert.rejects(running, { message: "first" });
  const root = named(await received(service, traceId), spans.handler);
  assert.equal(findValue(root.attributes, "http.status_code"), undefined);
});

test("tracing starts once in a process", () => {
  assert.throws(
    () =>
      startTracing(traced, {
        log: () => undefined,
        serviceVersion: "0",
        environment: {},
        isInterruption: () => false,
      }),
    (error) => error instanceof TracingError && error.code === "tracing_already_started",
  );
});
