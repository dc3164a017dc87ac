import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { serverSettings } from "#settings";
import { readConfiguration } from "../../server/config.ts";

type Environment = Readonly<Record<string, string>>;

function configuration(environment: Environment) {
  const result = readConfiguration(environment);
  assert.ok("configuration" in result, JSON.stringify(result));
  return result.configuration;
}

function faults(environment: Environment): string[] {
  const result = readConfiguration(environment);
  return "faults" in result ? result.faults.map(({ variable }) => variable) : [];
}

describe("settings", () => {
  test("have the defaults that are documented", () => {
    const values = configuration({});
    assert.equal(values.MINISERVE_HOST, "127.0.0.1");
    assert.equal(values.MINISERVE_PORT, 8080);
    assert.equal(values.MINISERVE_API_KEY, "");
    assert.deepEqual(values.MINISERVE_ALLOWED_HOSTS, []);
    assert.equal(values.MINISERVE_OFFLINE, false);
    assert.equal(values.MINISERVE_THREADS, "auto");
    assert.equal(values.MINISERVE_LOG_FILE, "logs/miniserve.log");
  });

  test("that are empty count as unset, but for the log file", () => {
    for (const nothing of ["", " ", "\n"]) {
      const empty = Object.fromEntries(Object.keys(serverSettings).map((name) => [name, nothing]));
      const { MINISERVE_LOG_FILE: file, environment: _, ...values } = configuration(empty);
      const { MINISERVE_LOG_FILE: __, environment: ___, ...defaults } = configuration({});
      assert.deepEqual(values, defaults);
      assert.equal(file, "");
    }
  });

  test("are read in the forms that they take", () => {
    const values = configuration({
      MINISERVE_PORT: " 0\n",
      MINISERVE_OFFLINE: "true",
      MINISERVE_THREADS: "3",
      MINISERVE_ALLOWED_HOSTS: "models.example, [fe80::7] ,fe80::8,",
      MINISERVE_ALLOWED_ORIGINS: "https://chat.example,http://localhost:5173",
      MINISERVE_HOST: "::1",
    });
    assert.equal(values.MINISERVE_PORT, 0);
    assert.equal(values.MINISERVE_OFFLINE, true);
    assert.equal(values.MINISERVE_THREADS, 3);
    assert.deepEqual(values.MINISERVE_ALLOWED_HOSTS, ["models.example", "[fe80::7]", "fe80::8"]);
    assert.deepEqual(values.MINISERVE_ALLOWED_ORIGINS, [
      "https://chat.example",
      "http://localhost:5173",
    ]);
  });

  const wrong: readonly [variable: keyof typeof serverSettings, ...values: string[]][] = [
    ["MINISERVE_KEEP_ALIVE_TIMEOUT_MS", "0", "-1", "75s", "86400001"],
    ["MINISERVE_HOST", "http://localhost", "a b", "localhost/", "a\nb"],
    ["MINISERVE_PORT", "65536", "-1", "80.5", "http", "0x50", "1e3", "٣"],
    ["MINISERVE_ALLOWED_HOSTS", "models.example:8080", "https://models.example", "a b", "*"],
    [
      "MINISERVE_ALLOWED_ORIGINS",
      "https://chat.example/",
      "https://chat.example/page",
      "chat.example",
      "*",
      "null",
      "HTTPS://chat.example",
      "https://chat.example:443",
    ],
    ["MINISERVE_OFFLINE", "yes", "2"],
    ["MINISERVE_GPU", "on", "OFF"],
    ["MINISERVE_THREADS", "0", "-1", "many", "1.5"],
    ["MINISERVE_SLOTS", "0", "65"],
    ["MINISERVE_SLOT_TOKENS", "127", "lots"],
    ["MINISERVE_QUEUE_LIMIT", "-1", "0.5"],
    ["MINISERVE_PREFILL_CHUNK_TOKENS", "7"],
    ["MINISERVE_BODY_LIMIT_BYTES", "1023", "1MiB"],
    ["MINISERVE_SHUTDOWN_LIMIT_MS", "-1", "10s", "99999999999"],
    ["MINISERVE_LOG_LEVEL", "trace", "INFO"],
    ["MINISERVE_LOG_FILE_BYTES", "0", "10 MB"],
  ];
  for (const [variable, ...values] of wrong) {
    test(`${variable} is refused in any other form`, () => {
      for (const value of values) {
        assert.deepEqual(faults({ [variable]: value }), [variable], JSON.stringify(value));
      }
    });
  }

  test("for all addresses need the names by which clients may call", () => {
    for (const host of ["0.0.0.0", "::"]) {
      assert.deepEqual(faults({ MINISERVE_HOST: host }), ["MINISERVE_ALLOWED_HOSTS"]);
      const environment = { MINISERVE_HOST: host, MINISERVE_ALLOWED_HOSTS: "models.example" };
      assert.deepEqual(faults(environment), []);
    }
  });

  test("headers may not have more time than the request that they are a part of", () => {
    const environment = {
      MINISERVE_HEADERS_TIMEOUT_MS: "2000",
      MINISERVE_RECEIVE_TIMEOUT_MS: "1999",
    };
    assert.deepEqual(faults(environment), ["MINISERVE_HEADERS_TIMEOUT_MS"]);
    assert.deepEqual(faults({ ...environment, MINISERVE_RECEIVE_TIMEOUT_MS: "2000" }), []);
  });

  test("that do not exist are faults, and everything wrong is reported at once", () => {
    const environment = {
      MINISERVE_PORT: "x",
      MINISERVE_SLOTS: "0",
      MINISERVE_POTR: "8080",
      OTHER: "fine",
    };
    assert.deepEqual(faults(environment).toSorted(), [
      "MINISERVE_PORT",
      "MINISERVE_POTR",
      "MINISERVE_SLOTS",
    ]);
  });
});
