import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { startViewer } from "../index.ts";

const checkout = resolve(import.meta.dirname, "..", "..", "..");
const path = "/api/viewer/sample-request";
const traceId = "0af7651916cd43dd8448eb211c80319c";

async function viewerBefore(t: TestContext, serverUrl: string | null) {
  const viewer = await startViewer({
    configuration: resolve("miniserve.config.ts"),
    hosts: ["127.0.0.1"],
    port: 0,
    tempoUrl: "http://127.0.0.1:9",
    serverUrl,
    apiKey: "a-key",
    logFile: null,
    checkout,
    provisioningFolder: resolve(checkout, "provisioning", "generated", "grafana"),
    dashboardsFolder: resolve(checkout, "dashboards", "generated"),
  });
  t.after(() => viewer.close());
  const origin = `http://127.0.0.1:${viewer.port}`;
  const fetchState = async () => (await fetch(`${origin}/api/viewer/server`)).json();
  const post = async (headers: Record<string, string> = { origin }) => {
    const answer = await fetch(`${origin}${path}`, { method: "POST", headers });
    return { status: answer.status, body: await answer.text() };
  };
  return { fetchState, post };
}

/** What the server of the stack answers with, as far as the viewer reads it. */
async function serverUnderTest(t: TestContext, status: number) {
  const asked: { url: string; key: string; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      response.writeHead(status).end();
      return;
    }
    const body: unknown = JSON.parse(await text(request));
    asked.push({ url: request.url ?? "", key: request.headers.authorization ?? "", body });
    response.writeHead(status, { "content-type": "text/event-stream", "x-trace-id": traceId });
    response.end('data: {"usage":{"completion_tokens":5}}\n\ndata: [DONE]\n\n');
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("a page of the viewer has the server answer one small request", async (t) => {
  const { asked, url } = await serverUnderTest(t, 200);
  const { fetchState, post } = await viewerBefore(t, url);
  assert.deepEqual(await fetchState(), { state: "ready" });
  const { status, body } = await post();
  assert.equal(status, 200);
  const report = JSON.parse(body);
  assert.deepEqual([report.traceId, report.completionTokens], [traceId, 5]);
  assert.equal(asked.length, 1);
  assert.deepEqual([asked[0]?.url, asked[0]?.key], ["/v1/chat/completions", "Bearer a-key"]);
});

test("no other page, and nothing that is no page, has a request sent", async (t) => {
  const { asked, url } = await serverUnderTest(t, 200);
  const { post } = await viewerBefore(t, url);
  assert.equal((await post({ origin: "http://evil.example" })).status, 403);
  assert.equal((await post({})).status, 403);
  assert.deepEqual(asked, []);
});

test("says that the server does not answer, is not ready, or is not there", async (t) => {
  const gone = await viewerBefore(t, "http://127.0.0.1:9");
  assert.deepEqual(await gone.fetchState(), { state: "unreachable" });
  assert.equal((await gone.post()).status, 502);
  assert.match((await gone.post()).body, /127\.0\.0\.1:9/);
  const busy = await viewerBefore(t, (await serverUnderTest(t, 503)).url);
  assert.deepEqual(await busy.fetchState(), { state: "not ready" });
  const none = await viewerBefore(t, null);
  assert.deepEqual(await none.fetchState(), { state: "none" });
  assert.match((await none.post()).body, /without the server/);
});
