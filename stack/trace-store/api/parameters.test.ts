import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ask, createTrace, startApiUnderTest, startS } from "../testing/api-under-test.ts";

const traces = [1, 2, 3].flatMap(createTrace);

/** The last digits of the ids of the traces found. */
async function found(ask: Ask, parameters: Record<string, string>): Promise<string[]> {
  const { status, text: body } = await ask("/api/search", parameters);
  assert.equal(status, 200, body);
  return (JSON.parse(body).traces as { traceID: string }[]).map(({ traceID }) => traceID.slice(-1));
}

async function fetchFault(ask: Ask, path: string, parameters: Record<string, string>) {
  const { status, text: body, headers } = await ask(path, parameters);
  assert.equal(status, 400, `${JSON.stringify(parameters)} ${body}`);
  assert.equal(headers["content-type"], "text/plain; charset=utf-8");
  return body;
}

test("ranges are whole, in order and no longer than Tempo's", async (context) => {
  const { ask } = await startApiUnderTest(context, traces);
  const day = 86_400;
  for (const path of ["/api/search", "/api/v2/search/tags", "/api/v2/search/tag/name/values"]) {
    assert.match(await fetchFault(ask, path, { start: `${startS}` }), /both start and end/);
    assert.match(await fetchFault(ask, path, { end: `${startS}` }), /both start and end/);
    const backwards = { start: `${startS}`, end: `${startS - 1}` };
    assert.match(await fetchFault(ask, path, backwards), /before end/);
    const long = { start: `${startS - 8 * day}`, end: `${startS}` };
    assert.match(await fetchFault(ask, path, long), /168 h at most/);
  }
  const q = "{ } | rate()";
  for (const path of ["/api/metrics/query", "/api/metrics/query_range"]) {
    assert.match(await fetchFault(ask, path, { q, since: "25h" }), /24 h at most/);
    assert.match(await fetchFault(ask, path, { q, since: "nothing" }), /invalid since/);
    assert.match(await fetchFault(ask, path, {}), /invalid q/);
    const moment = await ask(path, { q, start: `${startS}`, end: `${startS}` });
    assert.equal(moment.status, 200);
  }
  const range = { q, start: `${startS}`, end: `${startS + 3600}` };
  const steps = await ask("/api/metrics/query_range", { ...range, step: "360ms" });
  assert.equal(steps.status, 200);
  assert.match(
    await fetchFault(ask, "/api/metrics/query_range", { ...range, step: "359ms" }),
    /more than 10000 steps/,
  );
  assert.match(await fetchFault(ask, "/api/metrics/query_range", { ...range, step: "0" }), /step/);
});

test("limits are Tempo's, and parameters that nobody knows are ignored", async (context) => {
  const { ask } = await startApiUnderTest(context, traces);
  for (const wrong of [{ limit: "0" }, { limit: "262145" }, { limit: "x" }, { spss: "101" }]) {
    await fetchFault(ask, "/api/search", { q: "{ }", ...wrong });
  }
  assert.deepEqual(await found(ask, { q: "{ }", spss: "0", foo: "bar" }), ["3", "2", "1"]);
  assert.deepEqual(await found(ask, { q: "{ }", limit: "2" }), ["3", "2"]);
  for (const at of ["x", "99999999999999999999"]) {
    await fetchFault(ask, "/api/search", { q: "{ }", start: at, end: `${startS}` });
    await fetchFault(ask, "/api/traces/1", { start: at });
  }
});

test("times are Unix seconds up to nanoseconds by their length, or as in RFC 3339", async (context) => {
  const { ask } = await startApiUnderTest(context, traces);
  for (const unit of ["", "000", "000000", "000000000"]) {
    const range = { start: `${startS + 15}${unit}`, end: `${startS + 25}${unit}` };
    assert.deepEqual(await found(ask, { q: "{ }", ...range }), ["2"]);
  }
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  const range = { start: iso(startS + 15), end: `${startS + 25}.5` };
  assert.deepEqual(await found(ask, { q: "{ }", ...range }), ["2"]);
});

test("what asks for nothing or for too much is taken as in Tempo", async (context) => {
  const { ask } = await startApiUnderTest(context, traces);
  const never = { start: "0", end: "0" };
  const moment = { start: `${startS + 11}`, end: `${startS + 11}` };
  assert.deepEqual(await found(ask, { q: "{ }", ...never }), ["3", "2", "1"]);
  assert.match(await fetchFault(ask, "/api/search", { q: "{ }", ...moment }), /before end/);
  for (const path of [
    "/api/search/tags",
    "/api/v2/search/tags",
    "/api/search/tag/name/values",
    "/api/v2/search/tag/name/values",
  ]) {
    for (const range of [never, moment, {}]) {
      for (const limit of ["", "0", "1", "9999999999999999999999"]) {
        const { status, text } = await ask(path, { ...range, limit });
        assert.equal(status, 200, `${path} ${JSON.stringify(range)} ${limit} ${text}`);
        assert.match(text, /http\.handler|llm\.tokens\.out/);
      }
    }
  }
  assert.equal(
    (await ask("/api/search/tags", { scope: "trace" })).text,
    '{"tagNames":[],"metrics":{}}',
  );
  for (const path of ["/api/traces/1", "/api/v2/traces/1"]) {
    assert.match((await ask(path, never)).text, /http\.handler/);
    assert.equal((await ask(path, moment)).status, 400);
  }
  const metrics = { q: "{ } | rate()", exemplars: "999999" };
  assert.equal((await ask("/api/metrics/query_range", { ...metrics, since: "0" })).status, 200);
});

test("a query of blanks is none, and numbers are written in digits", async (context) => {
  const { ask } = await startApiUnderTest(context, traces);
  assert.deepEqual(await found(ask, { q: "" }), ["3", "2", "1"]);
  for (const path of ["/api/search", "/api/metrics/query", "/api/metrics/query_range"]) {
    assert.match(await fetchFault(ask, path, { q: " " }), /invalid TraceQL query/);
  }
  for (const limit of [" 1", "+1", "1e2", "0x10", "1.0", "-1", "١"]) {
    for (const path of ["/api/search", "/api/v2/search/tags", "/api/v2/search/tag/name/values"]) {
      assert.match(await fetchFault(ask, path, { q: "{ }", limit }), /invalid limit/);
    }
  }
});
