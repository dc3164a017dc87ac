import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { decodeProtobuf } from "../receiver/decode-protobuf.ts";
import { createTrace, startApiUnderTest } from "../testing/api-under-test.ts";
import { arbitrarySpan } from "../testing/arbitrary-span.ts";
import { assertSameSpans } from "../testing/assert-same-spans.ts";
import { decodeTempo } from "../testing/decode-tempo.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { encodeTrace, encodeTraceById } from "./trace-protobuf.ts";

const seed = 20_261_126;
const protobuf = { accept: "application/protobuf" };

test(`traces: what is written in protobuf says the same as the JSON (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(arbitrarySpan(miniserve), { maxLength: 3 }), (spans) => {
      // `Trace` and OTLP's export request have the same one field, so the receiver's reader fits.
      assertSameSpans(decodeProtobuf(encodeTrace(spans)), spans);
      const { trace } = decodeTempo(
        "TraceByIDResponse",
        Buffer.concat(encodeTraceById([encodeTrace(spans)])),
      );
      assert.equal(
        ((trace as { resourceSpans?: unknown[] }).resourceSpans ?? []).length,
        new Set(spans.map(({ resource }) => resource)).size,
      );
    }),
    { seed, numRuns: 200 },
  );
});

test("traces by id are answered in protobuf where it is asked for, as Grafana does", async (context) => {
  const spans = createTrace(1);
  const { ask } = await startApiUnderTest(context, spans);
  const expected = JSON.parse(JSON.stringify(writeResourceSpans(spans, "tempo")));
  const answers = [
    ["/api/traces/1", "Trace", (content: Record<string, unknown>) => content.resourceSpans],
    [
      "/api/v2/traces/1",
      "TraceByIDResponse",
      (content: Record<string, unknown>) =>
        (content.trace as { resourceSpans: unknown }).resourceSpans,
    ],
  ] as const;
  for (const [path, message, resourceSpans] of answers) {
    const answer = await ask(path, {}, protobuf);
    assert.equal(answer.headers["content-type"], "application/protobuf");
    assert.deepEqual(resourceSpans(decodeTempo(message, answer.body)), expected);
  }
  const unknown = await ask("/api/v2/traces/2", {}, protobuf);
  assert.equal(unknown.body.toString("hex"), "0a001200");
  assert.equal((await ask("/api/traces/2", {}, protobuf)).status, 404);
  for (const accept of ["application/json", "*/*", "text/html", "application/x-protobuf"]) {
    assert.equal(
      (await ask("/api/v2/traces/1", {}, { accept })).headers["content-type"],
      "application/json",
    );
  }
});

test("searches, tags and values say the same in protobuf as in JSON", async (context) => {
  const { ask } = await startApiUnderTest(context, [1, 2, 3].flatMap(createTrace));
  const q = "{ } | select(span.llm.tokens.out) | by(name) | count() > 0";
  const questions = [
    ["/api/search", "SearchResponse"],
    ["/api/v2/search/tags", "SearchTagsV2Response"],
    ["/api/search/tags", "SearchTagsResponse"],
    ["/api/v2/search/tag/span.llm.tokens.out/values", "SearchTagValuesV2Response"],
    ["/api/search/tag/llm.tokens.out/values", "SearchTagsResponse"],
  ] as const;
  for (const [path, message] of questions) {
    const inJson = JSON.parse((await ask(path, { q })).text);
    const answer = await ask(path, { q }, protobuf);
    assert.equal(answer.headers["content-type"], "application/protobuf");
    const decoded = decodeTempo(message, answer.body);
    // In JSON this member of the message has another name.
    const { tagNames, ...others } = decoded;
    const named =
      path.endsWith("/values") && tagNames ? { ...others, tagValues: tagNames } : decoded;
    assert.deepEqual(JSON.parse(JSON.stringify(named)), inJson, path);
  }
});

test("metrics are JSON whatever is accepted, and faults are text", async (context) => {
  const { ask } = await startApiUnderTest(context, createTrace(1));
  const metrics = await ask("/api/metrics/query", { q: "{ } | rate()" }, protobuf);
  assert.equal(metrics.headers["content-type"], "application/json");
  const fault = await ask("/api/search", { q: "{" }, protobuf);
  assert.deepEqual(
    [fault.status, fault.headers["content-type"]],
    [400, "text/plain; charset=utf-8"],
  );
});

test("protobuf is packed too", async (context) => {
  const name = "long ".repeat(500);
  const { ask } = await startApiUnderTest(context, [sampleSpan({ name })]);
  const path = `/api/traces/${sampleSpan().traceId}`;
  const packed = await ask(path, {}, { ...protobuf, "accept-encoding": "gzip" });
  assert.equal(packed.headers["content-encoding"], "gzip");
  assert.equal(decodeProtobuf(gunzipSync(packed.body))[0]?.name, name);
});
