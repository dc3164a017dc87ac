/** `npm run doctor` on a stack that runs: healthy, and with each fault made for real. */
import assert from "node:assert/strict";
import { appendFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { emptyResource, type Span, settleMs, writeResourceSpans } from "#contract";
import { logEvents, miniserve } from "#miniserve";
import { sampleSpan } from "../../stack/trace-store/testing/sample-span.ts";
import { isAlive, type StackUnderTest, stackUnderTest, until } from "../stack/stack-under-test.ts";
import { postJson } from "../support/post-json.ts";
import { completeRequest } from "../support/traces/complete-request.ts";
import { runDoctor } from "./doctor-report.ts";

const timeout = 300_000;
const minuteNs = 60_000_000_000n;
/** The stack must not ask it for its own addresses. */
const proxied = { http_proxy: "http://127.0.0.1:9", no_proxy: "" };
const textLimitBytes = 2_048;

async function sendSpans(stack: StackUnderTest, spans: readonly Span[]): Promise<void> {
  const document = { resourceSpans: writeResourceSpans(spans, "otlp") };
  const url = `http://127.0.0.1:${stack.ports.OTLP_HTTP_PORT}/v1/traces`;
  const answer = await postJson(url, document);
  assert.equal(answer.status, 200, answer.text);
}

/** A span of a service that no contract declares. */
function spanOf(service: string, changes: Partial<Span>): Span {
  const now = BigInt(Date.now()) * 1_000_000n;
  return sampleSpan({
    startTimeUnixNano: now - minuteNs,
    endTimeUnixNano: now - minuteNs + 1_000_000n,
    resource: {
      ...emptyResource,
      attributes: [{ key: "service.name", value: { type: "string", value: service } }],
    },
    ...changes,
  });
}

const text = (value: string) => ({ type: "string", value }) as const;

test("a healthy stack, then one with every fault of spans and lines", { timeout }, async (t) => {
  const stack = await stackUnderTest(t, {
    STACK_TEXT_LIMIT_BYTES: String(textLimitBytes),
    ...proxied,
  });
  const up = await stack.run("stack/up.ts");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  const healthy = await runDoctor(stack);
  assert.deepEqual(healthy.codes("problem"), [], healthy.printed);
  // Of the generated model.
  assert.deepEqual(healthy.codes("warning"), ["stack_notice"], healthy.printed);
  for (const name of ["Parts", "Delivery", "Services", "Clock", "Trees", "Contract", "Log lines"]) {
    assert.ok(
      healthy.results.some(({ check, mark }) => check === name && mark === "fine"),
      `${name}: ${healthy.printed}`,
    );
  }

  await provokeFaults(stack);
  const found = await runDoctor(stack, [], proxied);
  assert.match(found.find("orphan_spans").sentence, /in 1 of \d traces? of shop, without any root/);
  assert.match(found.find("orphan_spans").action ?? "", /trace:show -- a{32} shows one/);
  assert.match(found.find("attributes_dropped").action ?? "", /ATTRIBUTE_COUNT_LIMIT/);
  assert.match(found.find("attributes_cut").sentence, /note of billing end at 2048 characters/);
  assert.match(found.find("spans_changed").sentence, /longer than STACK_TEXT_LIMIT_BYTES/);
  assert.match(found.find("spans_refused").sentence, /spans without valid ids \(1\)/);
  assert.match(
    found.find("clock_ahead").sentence,
    /clocks sends spans from the future: (?:1 h|59 min) ahead/,
  );
  assert.match(found.find("contract_broken").details.join(), /missing-attribute of/);
  assert.match(found.find("lines_without_trace").sentence, /1 line of requests has no trace id/);
  assert.match(found.find("trace_not_stored").sentence, /c{32}/);
  assert.match(found.find("proxy_before_localhost").action ?? "", /^export no_proxy=/);
  assert.match(found.find("exports_refused").sentence, /refused 1 export: malformed \(1\)/);
  assert.match(found.find("files_not_private").sentence, /miniserve\.log/);
  const changed = await runDoctor(stack, [], {
    MINISERVE_SLOTS: "1",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${stack.ports.LOKI_PORT}`,
  });
  assert.match(changed.find("settings_changed").sentence, /MINISERVE_SLOTS/);
  assert.match(changed.find("exporter_elsewhere").action ?? "", /--tempo URL/);
});

async function provokeFaults(stack: StackUnderTest): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const old = { startTimeUnixNano: now - 10n * minuteNs, endTimeUnixNano: now - 9n * minuteNs };
  const { spans: root } = miniserve;
  const [request, ...stages] = completeRequest(miniserve, {
    startTimeUnixNano: now - 10n * minuteNs,
    spans: { [Object.keys(root)[0] ?? ""]: { values: { model: undefined } } },
  });
  assert.ok(request);
  await sendSpans(stack, [
    request,
    ...stages,
    spanOf("shop", { ...old, traceId: "a".repeat(32), parentSpanId: "1".repeat(16) }),
    spanOf("shop", { traceId: "b".repeat(32), droppedAttributesCount: 3 }),
    spanOf("billing", {
      traceId: "d".repeat(32),
      attributes: [{ key: "note", value: text("to be paid ".repeat(400)) }],
    }),
    spanOf("clocks", {
      traceId: "e".repeat(32),
      startTimeUnixNano: now + 60n * minuteNs,
      endTimeUnixNano: now + 61n * minuteNs,
    }),
    spanOf("shop", { traceId: "0".repeat(32) }),
  ]);
  const url = `http://127.0.0.1:${stack.ports.OTLP_HTTP_PORT}/v1/traces`;
  assert.equal((await postJson(url, "no spans")).status, 400);
  const line = (event: string, more: object) =>
    `${JSON.stringify({ time: new Date(Date.now() - 2 * settleMs).toISOString(), level: "info", event, ...more })}\n`;
  const log = stack.environment.MINISERVE_LOG_FILE ?? "";
  chmodSync(log, 0o644);
  appendFileSync(
    log,
    line(logEvents.requestReceived.name, {}) +
      line(logEvents.requestFinished.name, { trace_id: "c".repeat(32) }),
  );
}

test("a store that has stopped, and a server whose spans wait", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const up = await stack.run("stack/up.ts", "--no-viewer");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  const { supervisor, store } = await stack.pids();
  for (const pid of [supervisor, store]) {
    process.kill(pid ?? 0, "SIGKILL");
    await until("it has ended", () => !isAlive(pid));
  }
  const server = `http://127.0.0.1:${stack.ports.MINISERVE_PORT}`;
  const answer = await postJson(`${server}/v1/completions`, { prompt: "One", max_tokens: 4 });
  assert.equal(answer.status, 200, answer.text);
  await until("an export was not taken", async () => {
    const metrics = await (await fetch(`${server}/metrics`)).text();
    return /^miniserve_exports_failed_total [1-9]/m.test(metrics);
  });
  const found = await runDoctor(stack);
  const faults = found.results.filter(({ code }) => code === "stack_faulty");
  assert.match(faults.map(({ sentence }) => sentence).join(), /supervisor is gone.*store is gone/);
  assert.match(found.find("store_unreachable").sentence, /it is gone/);
  assert.match(found.find("exporter_unreachable").sentence, /ECONNREFUSED/);
  assert.match(found.find("spans_waiting").sentence, /span.* wait; .* not taken/);
});

test("a store without spans, then with those of a slow clock", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const up = await stack.run("stack/up.ts", "--no-server", "--no-viewer");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  const empty = await runDoctor(stack);
  assert.deepEqual(empty.codes("problem"), ["no_spans"], empty.printed);
  assert.match(empty.find("no_spans").action ?? "", /OTEL_EXPORTER_OTLP_ENDPOINT.*npm run verify/);
  const start = BigInt(Date.now()) * 1_000_000n - 60n * minuteNs;
  await sendSpans(stack, [
    spanOf("shop", { startTimeUnixNano: start, endTimeUnixNano: start + 1_000_000n }),
  ]);
  const late = await runDoctor(stack);
  assert.match(late.find("clock_behind").sentence, /newest ended (?:1 h|59 min|58 min) before/);
  assert.equal((await stack.run("stack/down.ts")).exitCode, 0);
  assert.equal((await stack.run("stack/up.ts", "--no-server", "--no-viewer")).exitCode, 0);
  const again = await runDoctor(stack);
  assert.deepEqual(again.codes("warning"), [], "nothing came in since");
  const named = await runDoctor(stack, [
    "--config",
    join("examples", "checkout", "miniserve.config.ts"),
  ]);
  assert.match(named.find("service_not_seen").action ?? "", /Others sent some: shop/);
});
