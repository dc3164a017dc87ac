import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { startViewer, type ViewerOptions } from "./index.ts";

const checkout = resolve(import.meta.dirname, "..", "..");
const traceId = "0af7651916cd43dd8448eb211c80319c";

/** A viewer before something that listens as a Tempo would, and says what it was asked. */
async function viewerUnderTest(
  t: TestContext,
  more: { readonly credentials?: string; readonly preview?: ViewerOptions["preview"] } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "miniserve-viewer-"));
  const asked: string[] = [];
  const elsewhere = "http://elsewhere.example/api/search";
  const tempo = createServer({ maxHeaderSize: 1024 * 1024 }, (incoming, response) => {
    const { cookie = "", authorization = "" } = incoming.headers;
    asked.push(`${incoming.method} ${incoming.url} ${cookie}${authorization}`);
    if (incoming.url?.includes("moved")) {
      response.writeHead(302, { location: elsewhere }).end();
      return;
    }
    const type = incoming.url?.includes("page") ? "text/html" : "text/plain";
    response.writeHead(incoming.url?.includes("bad") ? 400 : 200, {
      "content-type": type,
      "x-query-hint": "Did you mean it?",
      "x-other": "of Tempo alone",
    });
    response.end("from Tempo");
  });
  await new Promise<void>((listening) => tempo.listen(0, "127.0.0.1", listening));
  const logFile = join(folder, "miniserve.log");
  const line = (trace: string, span: string, event: string) =>
    JSON.stringify({
      time: "2026-11-26T10:00:00.000Z",
      level: "info",
      event,
      trace_id: trace,
      span_id: span,
    });
  writeFileSync(
    logFile,
    `${line(traceId, "00f067aa0ba902b7", "one")}\n${line("f".repeat(32), "1".repeat(16), "other")}\n${line(traceId, "2".repeat(16), "two")}\n`,
  );
  const tempoUrl = `http://127.0.0.1:${(tempo.address() as AddressInfo).port}`;
  const viewer = await startViewer({
    configuration: resolve("miniserve.config.ts"),
    hosts: ["127.0.0.1"],
    port: 0,
    tempoUrl: tempoUrl.replace("//", `//${more.credentials ?? ""}`),
    serverUrl: null,
    logFile,
    checkout,
    provisioningFolder: join(checkout, "provisioning", "generated", "grafana"),
    dashboardsFolder: join(checkout, "dashboards", "generated"),
    ...(more.preview === undefined ? {} : { preview: more.preview }),
  });
  t.after(async () => {
    await viewer.close();
    tempo.closeAllConnections();
    tempo.close();
    rmSync(folder, { recursive: true });
  });
  /** Asks without a client that would tidy the path up. */
  const ask = async (path: string, options: { method?: string; headers?: object } = {}) => {
    const answer = await new Promise<IncomingMessage>((done, fail) => {
      const sent = request(
        {
          port: viewer.port,
          host: "127.0.0.1",
          path,
          method: options.method ?? "GET",
          headers: { ...options.headers },
        },
        done,
      );
      sent.on("error", fail).end();
    });
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  };
  return { ask, asked, viewer, tempo, tempoUrl };
}

test("pages have a policy without exceptions, and an unchanging script of fewer than 600 KB", async (t) => {
  const { ask } = await viewerUnderTest(t);
  for (const path of [
    "/",
    "/dashboards",
    "/d/x",
    "/d/x/a-title?from=now-1h",
    "/explore?panes=%7B%7D",
    `/trace/${traceId}`,
  ]) {
    const { status, headers, body } = await ask(path);
    assert.equal(status, path.startsWith("/d/") ? 404 : 200, path);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:|data:|blob:/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(body, /<script(?! type="module" src=")|<style| style=| on\w+=/);
  }
  const [, path = ""] = /src="([^"]+viewer\.js)"/.exec((await ask("/")).body) ?? [];
  const script = await ask(path);
  assert.equal(script.headers["content-type"], "text/javascript; charset=utf-8");
  assert.match(String(script.headers["cache-control"]), /immutable/);
  assert.doesNotMatch(script.body, /\beval\(|new Function\(/);
  const packed = gzipSync(script.body).length;
  t.diagnostic(`the script is ${script.body.length} bytes, gzipped ${packed}`);
  assert.ok(packed < 600_000, `${packed} bytes`);
  assert.equal((await ask("/assets/00/viewer.js")).status, 404);
});

test("answers by loopback's names alone, to no other page, and changes nothing", async (t) => {
  const { ask } = await viewerUnderTest(t);
  const status = async (headers: object, method = "GET") =>
    (await ask("/api/health", { headers, method })).status;
  assert.equal(await status({}), 200);
  assert.equal(await status({ host: "evil.example" }), 421);
  assert.equal(await status({ origin: "http://evil.example" }), 403);
  assert.equal(await status({}, "POST"), 405);
  assert.equal(await status({}, "DELETE"), 405);
});

test("passes what reads traces on to its one Tempo, and nothing else", async (t) => {
  const { ask, asked } = await viewerUnderTest(t);
  const proxy = "/api/datasources/proxy/uid/tempo";
  const good = await ask(`${proxy}/api/search?q=%7B%7D&limit=2`, { headers: { cookie: "a=b" } });
  assert.deepEqual([good.status, good.body], [200, "from Tempo"]);
  assert.equal(good.headers["x-query-hint"], "Did you mean it?");
  assert.equal(good.headers["x-other"], undefined);
  assert.deepEqual(asked, ["GET /api/search?q=%7B%7D&limit=2 "]);
  assert.equal((await ask(`${proxy}/api/search?q=bad`)).status, 400);
  const long = `/api/search?q=${"%7B".repeat(100 * 1024)}`;
  assert.equal((await ask(`${proxy}${long}`)).status, 200);
  assert.ok(asked.pop()?.startsWith(`GET ${long}`));
  assert.equal((await ask(`/explore?panes=${"%7B".repeat(100 * 1024)}`)).status, 200);
  assert.equal((await ask(`${proxy}/api/v2/traces/${traceId}`)).status, 200);
  assert.equal((await ask(`${proxy}/api/v2/search/tag/span.llm.model/values`)).status, 200);
  const before = asked.length;
  for (const path of [
    "/status/config",
    "/api/../status/config",
    "/api/traces/../../status",
    "/shutdown",
    "/api/search/..%2f..%2fstatus",
    "//elsewhere.example/api/search",
    "/api/overrides",
    "/api/search/tag/..\\..\\..\\flush#/values",
    "/api/search/tag/%2e%2e%5c%2e%2e%5cflush/values",
    "/api/v2/search/tag/%252e%252e%252fflush/values",
    "/api/v2/search/tag/a;b/values",
    "/api/search#/api/search",
  ]) {
    assert.equal((await ask(`${proxy}${path}`)).status, 404, path);
  }
  for (const path of [`http://127.0.0.1${proxy}/api/search`, `/${proxy}/api/search`]) {
    assert.equal((await ask(path)).status, 404, path);
  }
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
    assert.equal((await ask(`${proxy}/api/search`, { method })).status, 405, method);
  }
  assert.equal((await ask("/api/datasources/proxy/uid/nobody/api/search")).status, 404);
  assert.equal((await ask("/api/datasources/proxy/uid/prometheus/api/v1/query")).status, 501);
  assert.equal(asked.length, before);
});

test("says that Tempo does not answer", async (t) => {
  const { ask, tempo } = await viewerUnderTest(t);
  tempo.closeAllConnections();
  await new Promise((closed) => tempo.close(closed));
  const { status, body } = await ask("/api/datasources/proxy/uid/tempo/api/search?q=%7B%7D");
  assert.equal(status, 502);
  assert.match(body, /Tempo at http:\/\/127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)/);
});

test("answers the one query for log lines that the dashboards use, from the log file", async (t) => {
  const { ask } = await viewerUnderTest(t);
  const query = async (expression: string) => {
    const path = `/api/datasources/proxy/uid/loki/loki/api/v1/query_range?query=${encodeURIComponent(expression)}`;
    return await ask(path);
  };
  const fetchEvents = async (expression: string) =>
    JSON.parse((await query(expression)).body).data.result.map(
      ({ stream }: { stream: { event: string } }) => stream.event,
    );
  const lines = `{service_name="miniserve"} | trace_id="${traceId}"`;
  assert.deepEqual(await fetchEvents(lines), ["one", "two"]);
  assert.deepEqual(await fetchEvents(`${lines} | span_id="00f067aa0ba902b7"`), ["one"]);
  // Before a trace is chosen, the dashboard asks for what is no id.
  for (const none of ["", "{ false }"]) {
    assert.deepEqual(
      await fetchEvents(`{service_name="miniserve"} | trace_id="${none}"`),
      [],
      none,
    );
  }
  for (const other of ['{service_name="miniserve"}', 'rate({a="b"}[5m])', `${lines} |= "x"`]) {
    const { status, body } = await query(other);
    assert.equal(status, 400, other);
    assert.match(body, /There is no Loki here/);
  }
});

test("gives dashboards as Grafana's API does, and says which there is none of", async (t) => {
  const { ask, tempoUrl } = await viewerUnderTest(t);
  const provisioned = JSON.parse((await ask("/api/viewer/provisioned")).body);
  assert.equal(provisioned.tempoUrl, tempoUrl);
  assert.deepEqual(provisioned.refusals, []);
  assert.ok(provisioned.dashboards.length >= 4);
  for (const { uid, url } of provisioned.dashboards) {
    const { dashboard, meta } = JSON.parse((await ask(`/api/dashboards/uid/${uid}`)).body);
    assert.deepEqual([dashboard.uid, meta.url], [uid, url]);
  }
  assert.equal((await ask("/api/dashboards/uid/nobody")).status, 404);
  assert.equal((await ask("/no/such/page")).status, 404);
  const health = JSON.parse((await ask("/api/health")).body);
  assert.equal(health.database, "ok");
  assert.match(health.application, /not Grafana/);
});

test("a name and a password in Tempo's address are sent to it, and shown to nobody", async (t) => {
  const { ask, asked, viewer, tempoUrl } = await viewerUnderTest(t, { credentials: "me:s%40crt@" });
  assert.equal(viewer.tempoUrl, tempoUrl);
  const { body } = await ask("/api/viewer/provisioned");
  assert.deepEqual(JSON.parse(body).refusals, []);
  assert.doesNotMatch(body, /s%40crt|s@crt/);
  await ask("/api/datasources/proxy/uid/tempo/api/search?q=%7B%7D");
  const sent = `Basic ${Buffer.from("me:s@crt").toString("base64")}`;
  assert.deepEqual(asked, [`GET /api/search?q=%7B%7D ${sent}`]);
  const moved = await ask("/api/datasources/proxy/uid/tempo/api/search?q=moved", {
    headers: { "x-forwarded-host": "evil.example", connection: "authorization" },
  });
  assert.deepEqual([moved.status, moved.headers.location], [502, undefined]);
  assert.match(moved.body, /a redirection/);
  assert.equal(asked.at(-1), `GET /api/search?q=moved ${sent}`);
  const page = await ask("/api/datasources/proxy/uid/tempo/api/search?q=page");
  assert.match(page.headers["content-type"] ?? "", /^text\/plain/);
});

test("a preview tells its own pages what there is, at once and whenever it changes", async (t) => {
  const quiet = { generation: 1, problems: [], isChecking: false, filesDue: [] };
  const { ask, viewer } = await viewerUnderTest(t, { preview: quiet });
  assert.match((await ask("/")).body, /<html lang="en" data-preview>/);
  const path = "/api/viewer/preview";
  assert.equal((await ask(path, { headers: { origin: "http://evil.example" } })).status, 403);
  assert.equal((await ask(path, { headers: { host: "evil.example" } })).status, 421);
  const answer = await fetch(`http://127.0.0.1:${viewer.port}${path}`);
  assert.equal(answer.headers.get("content-type"), "text/event-stream");
  const told: { generation: number; pageDigest: string }[] = [];
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const [, data] = /^data: (.*)$/m.exec(chunk) ?? [];
    if (data !== undefined) {
      told.push(JSON.parse(data));
    }
    if (told.length === 1) {
      viewer.tellPreview({ ...quiet, generation: 2 });
    }
    if (told.length === 2) {
      break;
    }
  }
  assert.deepEqual(
    told.map(({ generation }) => generation),
    [1, 2],
  );
  assert.match(told[0]?.pageDigest ?? "", /^[0-9a-f]{16}$/);
  const { ask: askOther } = await viewerUnderTest(t);
  assert.equal((await askOther(path)).status, 404);
});
