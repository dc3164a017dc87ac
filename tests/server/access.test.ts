import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { converse, parseAnswer, type RawAnswer, rawPost, rawRequest } from "../support/raw-http.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

const key = "key-of-this-test";
const page = "https://chat.example";
const body = { prompt: "x", max_tokens: 1 };

describe("who may call", () => {
  let server: ServerProcess;

  withServer(
    {
      settings: {
        MINISERVE_API_KEY: key,
        MINISERVE_ALLOWED_HOSTS: "Models.Example, fe80::7",
        MINISERVE_ALLOWED_ORIGINS: `${page}, http://localhost:5173`,
      },
    },
    (running) => {
      ({ server } = running);
    },
  );

  const ask = async (request: string): Promise<RawAnswer> =>
    parseAnswer(await converse(server.port, request));

  const findErrorCode = ({ body: text }: RawAnswer): string | undefined =>
    text.startsWith('{"error"') ? JSON.parse(text).error.code : undefined;

  const get = (target: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
    ask(rawRequest("GET", target, { host: "localhost", connection: "close", ...headers }));

  test("the key is needed everywhere but on the health routes", async () => {
    for (const target of ["/healthz", "/readyz"]) {
      assert.equal((await get(target)).status, 200);
    }
    assert.equal((await get("/v1/models")).status, 401);
    assert.equal((await get("/v1/models", { authorization: `Bearer ${key}` })).status, 200);
    assert.equal((await ask(rawRequest("HEAD", "/v1/models"))).status, 401);
    for (const route of ["/v1/completions", "/v1/chat/completions"]) {
      assert.equal((await ask(rawPost(route, body))).status, 401);
    }
    const answer = await ask(rawPost("/v1/completions", body, { authorization: `bearer ${key}` }));
    assert.equal(answer.status, 200, answer.body);
  });

  test("nothing but the key will do", async () => {
    const wrong = [
      "",
      "Bearer",
      "Bearer ",
      `Bearer ${key}x`,
      `Bearer ${key.slice(0, -1)}`,
      `Bearer ${key.toUpperCase()}`,
      `Basic ${key}`,
      key,
      `Bearer ${"x".repeat(4000)}`,
    ];
    for (const authorization of wrong) {
      const answer = await get("/v1/models", { authorization });
      assert.equal(findErrorCode(answer), "invalid_api_key", authorization.slice(0, 40));
    }
  });

  test("names of loopback and those that were allowed are answered to", async () => {
    const names = ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:99"];
    for (const host of [...names, "models.example", "MODELS.example:443", "[fe80::7]:8080"]) {
      assert.equal((await get("/healthz", { host })).status, 200, host);
    }
  });

  test("other names are not, so that no web page reaches the server under a name of its own", async () => {
    const names = [
      "attacker.example",
      "attacker.example:8080",
      "localhost.attacker.example",
      "127.0.0.1.attacker.example",
      "models.example.attacker.example",
      "localhost@attacker.example",
      "2130706433",
      "0.0.0.0",
      "[::]",
      "::1",
      "[::1",
      "[::ffff:127.0.0.1]",
      "localhost:80:80",
      "",
    ];
    for (const host of names) {
      for (const target of ["/healthz", "/v1/models", "/none"]) {
        const answer = await get(target, { host });
        assert.deepEqual([answer.status, findErrorCode(answer)], [421, "host_not_allowed"], host);
      }
    }
    const without = await ask("GET /healthz HTTP/1.0\r\n\r\n");
    assert.equal(findErrorCode(without), "host_not_allowed");
  });

  test("pages that were not allowed get nothing, whatever they ask for", async () => {
    const origins = [
      "https://attacker.example",
      "http://chat.example",
      "https://chat.example:8443",
      "https://chat.example.attacker.example",
      "http://localhost",
      "null",
    ];
    for (const origin of origins) {
      for (const target of ["/healthz", "/v1/models", "/none"]) {
        const answer = await get(target, { origin });
        assert.deepEqual(
          [answer.status, findErrorCode(answer)],
          [403, "origin_not_allowed"],
          origin,
        );
        assert.ok(!("access-control-allow-origin" in answer.headers));
      }
    }
  });

  test("a page that was allowed can read the answer, whole, streamed or an error", async () => {
    const headers = { origin: page, authorization: `Bearer ${key}` };
    const answers = await Promise.all([
      ask(rawPost("/v1/completions", body, headers)),
      ask(rawPost("/v1/completions", { ...body, stream: true }, headers)),
      ask(rawPost("/v1/completions", { frobnicate: 1 }, headers)),
      ask(rawPost("/v1/completions", body, { origin: page })),
      get("/v1/models", headers),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 400, 401, 200],
    );
    for (const answer of answers) {
      assert.equal(answer.headers["access-control-allow-origin"], page);
      assert.match(answer.headers.vary ?? "", /origin/i);
      assert.match(answer.headers["access-control-expose-headers"] ?? "", /x-trace-id/i);
    }
  });

  test("a page that was allowed may ask first, as browsers do", async () => {
    const preflight = {
      host: "localhost",
      connection: "close",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization, content-type",
    };
    const request = (origin: string) =>
      rawRequest("OPTIONS", "/v1/completions", { ...preflight, origin });
    const allowed = await ask(request(page));
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers["access-control-allow-origin"], page);
    assert.match(allowed.headers["access-control-allow-methods"] ?? "", /POST/);
    assert.match(allowed.headers["access-control-allow-headers"] ?? "", /authorization/);
    assert.match(allowed.headers["access-control-allow-headers"] ?? "", /content-type/);
    assert.equal((await ask(request("https://attacker.example"))).status, 403);
  });
});
