import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { named, received, toText } from "./received.ts";
import { spans } from "./traced-contract.ts";
import {
  completed,
  completeRequest,
  requestStart,
  startTracedService,
  type TracedService,
  violations,
} from "./traced-service.ts";

let service: TracedService;

before(async () => {
  service = await startTracedService();
});

after(() => service.stop());

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentId = "b7ad6b7169203331";
const secret = "CANARY-77";

test("a caller's traceparent is joined, and nothing else of its headers", async () => {
  const headers = {
    traceparent: `00-${traceId}-${parentId}-01`,
    tracestate: `vendor=${secret}`,
    baggage: `user=${secret}`,
  };
  assert.equal(await completeRequest(service.tracing, { start: { headers } }), traceId);
  const found = await received(service, traceId);
  assert.deepEqual(violations(found), []);
  assert.equal(named(found, spans.handler).parentSpanId, parentId);
  assert.deepEqual(
    found.map(({ traceState }) => traceState),
    found.map(() => ""),
  );
  assert.equal(toText(found).includes(secret), false);
});

test("one trace may hold several requests", async () => {
  const shared = "5bd66ef5095369c7b0d1f8f4bd33716a";
  const headers = { traceparent: `00-${shared}-${parentId}-01` };
  const requests = [1, 2, 3].map(() => completeRequest(service.tracing, { start: { headers } }));
  await Promise.all(requests);
  await service.receiver.waitFor(
    "three requests",
    () => service.receiver.findSpans(shared).length === 15,
  );
  assert.deepEqual(violations(service.receiver.findSpans(shared)), []);
});

test("a caller that does not sample is traced all the same", async () => {
  const unsampled = "1af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${unsampled}-${parentId}-00` };
  await service.tracing.traceRequest(spans.handler, requestStart({ headers }), async (request) => {
    assert.equal(request.exported, true);
    return request.done(undefined, { ...completed, outcome: "aborted" });
  });
  const found = await received(service, unsampled);
  assert.equal(named(found, spans.handler).flags & 1, 1);
});

test("a version to come is read as far as it is known", async () => {
  const future = "2af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `cc-${future}-${parentId}-01-what-comes-later` };
  assert.equal(await completeRequest(service.tracing, { start: { headers } }), future);
});

const malformed: Readonly<Record<string, string>> = {
  "the forbidden version": `ff-${traceId}-${parentId}-01`,
  "a trace id of zeros": `00-${"0".repeat(32)}-${parentId}-01`,
  "a span id of zeros": `00-${traceId}-${"0".repeat(16)}-01`,
  "upper case": `00-${traceId.toUpperCase()}-${parentId}-01`,
  "more than version 00 has": `00-${traceId}-${parentId}-01-more`,
  "a short trace id": `00-${traceId.slice(1)}-${parentId}-01`,
  "two headers in one": `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`,
  "no flags": `00-${traceId}-${parentId}`,
  nothing: "",
  garbage: "{}\u0000';--",
  "a megabyte": `00-${traceId}-${parentId}-01${"-".repeat(1 << 20)}`,
  "a megabyte of a version to come": `cc-${traceId}-${parentId}-01-${"x".repeat(1 << 20)}`,
};

for (const [what, traceparent] of Object.entries(malformed)) {
  test(`a malformed traceparent begins a new trace: ${what}`, async () => {
    const made = await completeRequest(service.tracing, { start: { headers: { traceparent } } });
    assert.notEqual(made, traceId);
    const found = await received(service, made);
    assert.deepEqual(violations(found), []);
    assert.equal(named(found, spans.handler).parentSpanId, null);
  });
}
