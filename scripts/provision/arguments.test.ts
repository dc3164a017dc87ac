import assert from "node:assert/strict";
import { test } from "node:test";
import { readAccess, readChoices, requireConfigMap } from "./arguments.ts";

process.env.TEST_GRAFANA = " ada:secret ";
process.env.TEST_NOTHING = " ";
process.env.TEST_LINES = "glsa_secret\nsecret";
process.env.TEST_HEADERS = "Proxy-Authorization: Bearer a.b:c\r\n CF-Access-Client-Id:x y \n\n";
process.env.TEST_NO_HEADERS = "X-Pass: fine\nsecret";
process.env.TEST_OWN_HEADERS = "Content-Length: 5secret";
process.env.TEST_LETTERS = "glsa_secret\u2026";

const grafana = "http://localhost:3000/grafana";
const withToken = { grafana, "token-env": "TEST_GRAFANA" };

test("the credential is read by the name of its variable", () => {
  assert.deepEqual(readAccess(withToken), {
    url: grafana,
    credential: "ada:secret",
    headers: {},
  });
  assert.deepEqual(readChoices({ "tempo-uid": "abc", "loki-url": "http://loki:3100/" }), {
    tempo: { uid: "abc" },
    loki: { url: "http://loki:3100" },
    prometheus: undefined,
  });
});

test("headers are read by the name of their variable, and may do without a token", () => {
  const headers = { "proxy-authorization": "Bearer a.b:c", "cf-access-client-id": "x y" };
  assert.deepEqual(
    readAccess({ grafana, "token-env": "TEST_NOTHING", "headers-env": "TEST_HEADERS" }),
    {
      url: grafana,
      credential: undefined,
      headers,
    },
  );
});

const unusable: readonly (() => unknown)[] = [
  () => readAccess({}),
  () => readAccess({ grafana, "token-env": "TEST_NOTHING" }),
  () => readAccess({ ...withToken, grafana: "localhost:3000" }),
  () => readAccess({ ...withToken, grafana: "http://ada:secret@localhost" }),
  () => readAccess({ ...withToken, grafana: "http://:secret@localhost" }),
  () => readAccess({ grafana, "token-env": "TEST_LINES" }),
  () => readAccess({ grafana, "token-env": "TEST_LETTERS" }),
  () => readAccess({ grafana, "token-env": "secret-token" }),
  () => readAccess({ ...withToken, "headers-env": "X-Pass: secret" }),
  () => readAccess({ ...withToken, "headers-env": "TEST_NOTHING" }),
  () => readAccess({ ...withToken, "headers-env": "TEST_NO_HEADERS" }),
  () => readAccess({ ...withToken, "headers-env": "TEST_OWN_HEADERS" }),
  () => readChoices({ "tempo-uid": "a b" }),
  () => readChoices({ "loki-url": "loki" }),
  () => readChoices({ "tempo-uid": "a", "tempo-url": "http://b" }),
  () => requireConfigMap({ export: "terraform" }),
  () => requireConfigMap({ export: "configmap", prune: true }),
];

test("what cannot be used is said, without what is secret", () => {
  for (const call of unusable) {
    assert.throws(call, (error: Error & { code: string; exitCode: number }) => {
      assert.deepEqual([error.code, error.exitCode], ["usage_invalid", 2], String(call));
      assert.ok(!error.message.includes("secret"), error.message);
      return true;
    });
  }
});
