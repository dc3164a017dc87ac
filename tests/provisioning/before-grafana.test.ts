/** Something is before Grafana: it signs people in, refuses, or gets no answer. */
import assert from "node:assert/strict";
import { request as ask, createServer } from "node:http";
import { type TestContext, test } from "node:test";
import type { ProvisioningError } from "../../provisioning/index.ts";
import { credentials, startFakeGrafana } from "../support/fake-grafana/fake-grafana.ts";
import { planFor, provision, toDo } from "./provisioned.ts";

interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Passes requests on that have the header which lets them pass; refuses the others in its own way. */
async function startProxy(
  t: TestContext,
  grafanaUrl: string,
  refuse: (request: string, headers: NodeJS.Dict<string | string[]>) => Refusal | undefined,
): Promise<string> {
  const proxy = createServer((incoming, response) => {
    const refusal = refuse(`${incoming.method} ${incoming.url}`, incoming.headers);
    if (refusal !== undefined) {
      incoming.resume();
      response.writeHead(refusal.status, refusal.headers).end(refusal.body);
      return;
    }
    const onwards = ask(
      `${grafanaUrl}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
    );
    incoming.pipe(onwards);
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
}

const page = { headers: { "content-type": "text/html" }, body: "<html><h1>Sign in</h1></html>" };
const pass = { "x-pass": "let-me-pass" };

test("a header that lets pass is sent with every request", async (t) => {
  const grafana = await startFakeGrafana(t);
  const url = await startProxy(t, grafana.url, (_, headers) =>
    headers["x-pass"] === pass["x-pass"] ? undefined : { status: 401, ...page },
  );
  await assert.rejects(planFor({ url }), { code: "grafana_unauthorized" });
  const access = { credential: credentials.person, headers: pass };
  const { outcome } = await provision({ url }, { access });
  assert.equal(outcome.failure, undefined);
  assert.deepEqual(toDo(await planFor({ url }, { access })), []);
});

test("what says to Grafana who asks needs no token", async (t) => {
  const grafana = await startFakeGrafana(t);
  const headers = { authorization: `Bearer ${credentials.token}` };
  const access = { credential: undefined, headers };
  assert.ok((await planFor(grafana, { access })).steps.length > 0);
});

interface Case {
  readonly what: string;
  readonly refusal: Refusal;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const notGrafana = /^Not Grafana, but something before it, answered GET \/api\/frontend\/settings/;
const json = { headers: { "content-type": "application/json" } };

const cases: readonly Case[] = [
  {
    what: "a proxy's 401 with a page",
    refusal: { status: 401, ...page },
    code: "grafana_unauthorized",
    message: notGrafana,
    hint: /GRAFANA_HEADERS/,
  },
  {
    what: "a proxy's 401 with words",
    refusal: { status: 401, body: "Unauthorized" },
    code: "grafana_unauthorized",
    message: notGrafana,
    hint: /GRAFANA_HEADERS/,
  },
  {
    what: "a proxy's 401 without a body",
    refusal: { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } },
    code: "grafana_unauthorized",
    message: notGrafana,
    hint: /GRAFANA_HEADERS/,
  },
  {
    what: "a 401 in JSON of whoever",
    refusal: { status: 401, ...json, body: '{"message":"No API key found in request"}' },
    code: "grafana_unauthorized",
    message: /No API key found/,
    hint: /GRAFANA_HEADERS/,
  },
  {
    what: "a proxy's 403",
    refusal: { status: 403, ...page },
    code: "grafana_forbidden",
    message: notGrafana,
    hint: /GRAFANA_HEADERS/,
  },
  {
    what: "a redirection to a page for signing in",
    refusal: {
      status: 302,
      headers: { location: "https://sso.example.org/oauth2/start?rd=x&state=secret-state" },
    },
    code: "grafana_unsuitable",
    message: /302/,
    hint: /page for signing in: https:\/\/sso\.example\.org\/oauth2\/start\. .*GRAFANA_HEADERS/,
  },
  {
    what: "a redirection to https",
    refusal: {
      status: 301,
      headers: { location: "https://grafana.example.org/sub/api/frontend/settings" },
    },
    code: "grafana_unsuitable",
    message: /301/,
    hint: /somewhere else: https:\/\/grafana\.example\.org\/sub\. Give --grafana/,
  },
  {
    what: "a redirection to nowhere",
    refusal: { status: 302 },
    code: "grafana_unsuitable",
    message: /302/,
    hint: /does not say where/,
  },
  {
    what: "a page instead of an answer",
    refusal: { status: 200, ...page },
    code: "grafana_unsuitable",
    message: /is a page, and not JSON/,
    hint: /GRAFANA_HEADERS/,
  },
  {
    what: "too large",
    refusal: { status: 413, ...page },
    code: "grafana_refused",
    message: notGrafana,
    hint: /too large for it\. Let it take 1 MiB/,
  },
];

for (const { what, refusal, code, message, hint } of cases) {
  test(`${what} is told as what it is`, async (t) => {
    const grafana = await startFakeGrafana(t);
    const url = await startProxy(t, grafana.url, (request) =>
      request.startsWith("GET /api/frontend") ? refusal : undefined,
    );
    await assert.rejects(planFor({ url }), (error: ProvisioningError) => {
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.hint, hint);
      if (code === "grafana_unauthorized" && refusal.body?.startsWith("{") !== true) {
        assert.doesNotMatch(error.hint, /token is wrong/);
      }
      assert.doesNotMatch(`${error.message}${error.hint}`, /<|secret-state/);
      return true;
    });
  });
}

for (const status of [502, 503, 504]) {
  test(`a proxy's ${status} is waited for, and told as what it is`, async (t) => {
    const grafana = await startFakeGrafana(t);
    let count = 0;
    const url = await startProxy(t, grafana.url, (request) => {
      const isRefused = request.startsWith("GET /api/frontend") && count++ < 2;
      return isRefused ? { status, ...page, headers: { "retry-after": "3" } } : undefined;
    });
    const pauses: number[] = [];
    assert.ok((await planFor({ url }, { pauses })).steps.length > 0);
    assert.deepEqual(pauses, [3000, 3000]);
    const down = await startProxy(t, grafana.url, () => ({
      status,
      headers: { "retry-after": "3600" },
    }));
    const none: number[] = [];
    await assert.rejects(planFor({ url: down }, { pauses: none }), {
      code: "grafana_failed",
      hint: /gets no answer from it.* left alone for 3600 s/,
    });
    assert.deepEqual(none, [], "nobody waits for an hour");
  });
}

test("what lets pass is shown to nobody, however it is repeated", async (t) => {
  const grafana = await startFakeGrafana(t);
  const secret = 'Bearer let+me/pa"ss=';
  for (const spelled of [secret, encodeURIComponent(secret), JSON.stringify(secret), "correct"]) {
    const url = await startProxy(t, grafana.url, () => ({ status: 400, body: `no: ${spelled}` }));
    const access = { credential: "ada:correct", headers: { "x-pass": secret } };
    await assert.rejects(planFor({ url }, { access }), (error: ProvisioningError) => {
      assert.doesNotMatch(error.message, /let|correct/);
      return true;
    });
  }
});
