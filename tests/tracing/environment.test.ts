import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { trace } from "@opentelemetry/api";
import { maxTextCharacters } from "#contract";
import { activeSpanIds, startTracing, TracingError } from "../../server/tracing/index.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { named, plain } from "./received.ts";
import { spans, traced } from "./traced-contract.ts";
import {
  completed,
  completeRequest,
  requestStart,
  startTracedService,
  type TracedService,
} from "./traced-service.ts";

/** Runs something with tracing under these variables, until all spans are sent. */
async function under(
  environment: Readonly<Record<string, string>>,
  use: (service: TracedService) => Promise<unknown>,
): Promise<OtlpReceiver> {
  const service = await startTracedService({ environment });
  try {
    await use(service);
  } finally {
    await service.stop();
  }
  return service.receiver;
}

const complete = ({ tracing }: TracedService) => completeRequest(tracing);

test("the environment's resource is put over ours", async () => {
  const { spans: found } = await under(
    {
      OTEL_SERVICE_NAME: "another",
      OTEL_RESOURCE_ATTRIBUTES:
        "deployment.environment=production,service.name=lost,team=a%20b,service.version=9",
    },
    complete,
  );
  assert.deepEqual(found[0] && plain(found[0].resource), {
    "service.name": "another",
    "service.version": "9",
    "deployment.environment": "production",
    team: "a b",
  });
});

for (const environment of [
  { OTEL_SDK_DISABLED: "true" },
  { OTEL_TRACES_EXPORTER: "none" },
  { OTEL_TRACES_SAMPLER: "always_off" },
  { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" },
]) {
  test(`nothing is exported with ${JSON.stringify(environment)}, and all else goes on`, async () => {
    const receiver = await under(environment, async ({ tracing }) => {
      await tracing.traceRequest(spans.handler, requestStart(), async (request) => {
        assert.equal(request.exported, false);
        assert.match(request.traceId, /^(?!0+$)[0-9a-f]{32}$/);
        assert.equal(activeSpanIds()?.trace_id, request.traceId);
        await request.stage(spans.tokenize, { tokenizerName: "m" }, async (stage) => {
          assert.equal(activeSpanIds()?.trace_id, request.traceId);
          return stage.done(undefined, { tokensIn: 1 });
        });
        return request.done(undefined, completed);
      });
      assert.equal(tracing.statistics().spansEnded, 0);
      assert.deepEqual(await tracing.shutdown(), { spansDropped: 0 });
    });
    assert.equal(receiver.spans.length, 0);
  });
}

test("a parent-based sampler follows callers that do not sample", async () => {
  const headers = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" };
  const receiver = await under(
    { OTEL_TRACES_SAMPLER: "parentbased_always_on" },
    async ({ tracing }) => {
      await completeRequest(tracing, { start: { headers } });
      await completeRequest(tracing);
    },
  );
  assert.equal(receiver.spans.length, 5);
  assert.equal(receiver.findSpans(headers.traceparent.slice(3, 35)).length, 0);
});

test("limits of length and of number are honoured, in exceptions too", async () => {
  const { spans: found } = await under(
    { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "6", OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "3" },
    async ({ tracing }) => {
      await completeRequest(tracing);
      const failing = tracing.traceRequest(spans.handler, requestStart(), async () => {
        throw new RangeError("message");
      });
      await assert.rejects(failing, RangeError);
    },
  );
  const [root] = found.filter(({ events }) => events.length > 0);
  assert.ok(root);
  assert.deepEqual(plain(root), {
    "http.method": "POST",
    "http.route": "/v1/co",
    "llm.model": "test-m",
  });
  assert.equal(root.droppedAttributesCount, 4);
  const [event] = root.events;
  assert.ok(event);
  assert.deepEqual(plain(event), {
    "exception.type": "RangeE",
    "exception.message": "except",
    "exception.stacktrace": "    at",
  });
});

test("without a limit, texts are cut where the pipeline would cut them", async () => {
  const { spans: found } = await under({}, async (service) => {
    await complete(service);
    const span = trace.getTracer("test").startSpan("long");
    span.setAttribute("words", "x".repeat(2 * maxTextCharacters));
    span.end();
  });
  const long = found.find(({ name }) => name === "long");
  assert.equal(long && String(plain(long).words).length, maxTextCharacters);
});

test("the limit of a span's values wins over the general one, and events have their own", async () => {
  const { spans: found } = await under(
    {
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "6",
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "9",
      OTEL_SPAN_EVENT_COUNT_LIMIT: "0",
    },
    async ({ tracing }) => {
      const failing = tracing.traceRequest(spans.handler, requestStart(), async () => {
        throw new RangeError("message");
      });
      await assert.rejects(failing, RangeError);
    },
  );
  const root = named(found, spans.handler);
  assert.equal(plain(root)["http.route"], "/v1/compl");
  assert.deepEqual([root.events.length, root.droppedEventsCount], [0, 1]);
});

test("the batch processor's delay and sizes are the environment's", async () => {
  const receiver = await under(
    { OTEL_BSP_SCHEDULE_DELAY: "60000", OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "4" },
    async (service) => {
      await complete(service);
      await service.receiver.waitFor("the first batch", (found) => found.length === 4);
      await delay(400);
      assert.equal(service.receiver.spans.length, 4, "the fifth span waits for its batch");
    },
  );
  assert.deepEqual(receiver.exports, [4, 1]);
});

test("what the batch processor cannot queue is counted as lost", async () => {
  const environment = { OTEL_BSP_MAX_QUEUE_SIZE: "10", OTEL_BSP_SCHEDULE_DELAY: "60000" };
  const receiver = await under(environment, async (service) => {
    await Promise.all(Array.from({ length: 100 }, () => complete(service)));
    const { spansDropped } = await service.tracing.shutdown();
    assert.equal(spansDropped, 500 - service.receiver.spans.length);
    assert.ok(spansDropped > 0);
    const line = service.lines.find(({ event }) => event === "spans.lost");
    assert.equal(line?.fields.spansDropped, spansDropped);
  });
  assert.ok(receiver.spans.length >= 10);
});

test("a number that is none counts as unset", async () => {
  const environment = { OTEL_BSP_SCHEDULE_DELAY: "soon", OTEL_BSP_MAX_QUEUE_SIZE: "-1" };
  await under(environment, async (service) => {
    await complete(service);
    await service.receiver.waitFor("the spans", (found) => found.length === 5);
  });
});

test("what is asked for and not done is said", async () => {
  const environment = {
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_TRACES_EXPORTER: "console",
    OTEL_PROPAGATORS: "b3",
  };
  const receiver = await under(environment, async (service) => {
    await complete(service);
    assert.deepEqual(
      service.lines.map(({ fields }) => fields.reason),
      [
        "OTEL_TRACES_EXPORTER is ignored: it asks for something else than otlp or none.",
        "OTEL_EXPORTER_OTLP_PROTOCOL is ignored: it asks for something else than grpc.",
        "OTEL_PROPAGATORS is ignored: it asks for something else than tracecontext.",
      ],
    );
  });
  assert.equal(receiver.spans.length, 5);
});

test("the endpoint of traces wins over the general one", async () => {
  const receiver = await OtlpReceiver.start();
  await under({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.grpcEndpoint }, complete);
  assert.equal(receiver.spans.length, 5);
  await receiver.stop();
});

test("an endpoint that is none is said at the start", async (t) => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://[" };
  Object.assign(process.env, environment);
  t.after(() => delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT);
  const options = { log: () => undefined, serviceVersion: "0", isInterruption: () => false };
  assert.throws(
    () => startTracing(traced, { ...options, environment }),
    (error) => error instanceof TracingError && error.code === "otlp_exporter_invalid",
  );
});
