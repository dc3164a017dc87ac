import assert from "node:assert/strict";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { listenForHttp, sendText } from "./http-listener.ts";
import { send } from "./testing/send.ts";

const page = "https://app.example";

async function start(context: TestContext, hosts: string[] = [], origins: string[] = []) {
  const answered: string[] = [];
  const listener = await listenForHttp({
    hosts: ["127.0.0.1"],
    port: 0,
    allowed: { hosts, origins },
    answer: async ({ method }, response) => {
      answered.push(String(method));
      sendText(response, 200, "answered");
    },
  });
  context.after(() => listener.close(0));
  const ask = async (headers: Record<string, string | string[]>, method = "POST") => {
    const answer = await send({ port: listener.port, path: "/", method, headers });
    return { ...answer, said: answer.body.toString() };
  };
  return { ask, answered, port: listener.port };
}

test("another name is refused until it is allowed, and told by which setting", async (context) => {
  const strict = await start(context);
  const refused = await strict.ask({ host: "host.docker.internal:3200" });
  assert.equal(refused.status, 421);
  assert.match(refused.said, /STACK_ALLOWED_HOSTS/);
  const { ask } = await start(context, ["Host.Docker.Internal", "fe80::7"]);
  for (const host of [
    "host.docker.internal:3200",
    "HOST.docker.internal",
    "[fe80::7]:80",
    "localhost",
    "127.0.0.1:1",
    "[::1]",
  ]) {
    assert.equal((await ask({ host })).status, 200, host);
  }
  for (const host of ["evil.example", "host.docker.internal.evil.example", "a@localhost"]) {
    assert.equal((await ask({ host })).status, 421, host);
  }
});

test("a page of another origin is refused until it is allowed, and told by which setting", async (context) => {
  const strict = await start(context);
  const refused = await strict.ask({ host: "localhost", origin: page });
  assert.equal(refused.status, 403);
  assert.match(refused.said, /STACK_ALLOWED_ORIGINS/);
  assert.equal(refused.headers["access-control-allow-origin"], undefined);
  const { ask } = await start(context, [], [page]);
  const { status, headers } = await ask({ host: "localhost", origin: page });
  assert.deepEqual(
    [status, headers["access-control-allow-origin"], headers.vary],
    [200, page, "origin"],
  );
  for (const origin of ["https://app.example.evil", "http://app.example", "null", `${page}:444`]) {
    assert.equal((await ask({ host: "localhost", origin })).status, 403, origin);
  }
  const own = await ask({ host: "localhost:7", origin: "http://localhost:7" });
  assert.deepEqual([own.status, own.headers["access-control-allow-origin"]], [200, undefined]);
});

test("a browser that asks first is told what an allowed page may send, and no other", async (context) => {
  const { ask, answered } = await start(context, [], [page]);
  const asking = {
    host: "localhost",
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type",
  };
  const { status, headers, said } = await ask({ ...asking, origin: page }, "OPTIONS");
  assert.deepEqual([status, said], [204, ""]);
  assert.equal(headers["access-control-allow-origin"], page);
  assert.match(String(headers["access-control-allow-methods"]), /POST/);
  assert.match(String(headers["access-control-allow-headers"]), /content-type/);
  assert.equal((await ask({ ...asking, origin: "https://evil.example" }, "OPTIONS")).status, 403);
  assert.equal(
    (await ask({ ...asking, host: "evil.example", origin: page }, "OPTIONS")).status,
    421,
  );
  assert.deepEqual(answered, []);
});

test("a request with two Hosts is refused", async (context) => {
  const { port } = await start(context);
  const hosts = "host: localhost\r\nhost: evil.example\r\n";
  const socket = connect(port, "127.0.0.1");
  socket.end(`GET / HTTP/1.1\r\n${hosts}\r\n`);
  assert.match(await text(socket), /^HTTP\/1\.1 400 /);
});
