import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { StackError } from "./command/stack-error.ts";
import { checkout, readStackConfig } from "./config.ts";

test("without settings the stack has the ports that everybody expects", () => {
  const config = readStackConfig({});
  assert.deepEqual(config.ports, {
    server: 8080,
    tempo: 3200,
    otlpGrpc: 4317,
    otlpHttp: 4318,
    grafana: 3000,
    loki: 3100,
    prometheus: 9090,
    collectorHealth: 13_133,
  });
  assert.equal(config.directory, join(checkout, ".stack"));
  assert.equal(config.logFile, join(checkout, "logs", "miniserve.log"));
});

test("an empty variable is an unset one, but an empty log file is no log file", () => {
  const config = readStackConfig({ TEMPO_PORT: "", MINISERVE_LOG_FILE: "", STACK_DIR: " " });
  assert.equal(config.ports.tempo, 3200);
  assert.equal(config.directory, join(checkout, ".stack"));
  assert.equal(config.logFile, null);
});

test("every fault is reported at once, with its variable, what was seen and what to do", () => {
  const environment = {
    MINISERVE_PORT: "eighty",
    TEMPO_PORT: "70000",
    OTLP_GRPC_PORT: "5000",
    OTLP_HTTP_PORT: "5000",
    GRAFANA_PORT: "0",
    MINISERVE_SHUTDOWN_LIMIT_MS: "abc",
    STACK_ALLOW_LIST: "yes",
    STACK_TEXT_LIMIT_BYTES: "10",
  };
  assert.throws(
    () => readStackConfig(environment),
    (error) => {
      assert.ok(error instanceof StackError);
      assert.equal(error.code, "configuration_invalid");
      assert.equal(error.exitCode, 2);
      assert.deepEqual(error.details, [
        'MINISERVE_PORT is "eighty": set it to a port from 1 to 65535, or unset it for 8080.',
        'MINISERVE_SHUTDOWN_LIMIT_MS is "abc": set it to milliseconds, up to an hour, or unset it for 10000.',
        'TEMPO_PORT is "70000": set it to a port from 1 to 65535, or unset it for 3200.',
        'GRAFANA_PORT is "0": set it to a port from 1 to 65535, or unset it for 3000.',
        'STACK_ALLOW_LIST is "yes": set it to on or off, or unset it for off.',
        'STACK_TEXT_LIMIT_BYTES is "10": set it to a whole number from 64, or unset it for 65536.',
        "OTLP_GRPC_PORT and OTLP_HTTP_PORT are both 5000: give each a port of its own.",
      ]);
      return true;
    },
  );
});

test("says which variable sends the server's spans elsewhere", () => {
  assert.equal(readStackConfig({}).exportVariable, undefined);
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.example:4317" };
  assert.equal(readStackConfig(environment).exportVariable, "OTEL_EXPORTER_OTLP_ENDPOINT");
});

test("knows what gRPC reaches without a proxy, by the variables that it reads", () => {
  const general = { no_proxy: "localhost,.example.org" };
  assert.deepEqual(readStackConfig({}).proxyExceptions, []);
  assert.deepEqual(readStackConfig(general).proxyExceptions, ["localhost", ".example.org"]);
  const both = { ...general, no_grpc_proxy: "10.0.0.0/8" };
  assert.deepEqual(readStackConfig(both).proxyExceptions, ["10.0.0.0/8"]);
});

test("the store keeps spans for a week and up to 2 GiB, unless it is told otherwise", () => {
  const { retention } = readStackConfig({}).store;
  assert.deepEqual(retention, { maxAgeMs: 7 * 86_400_000, maxBytes: 2 * 1024 ** 3 });
  const never = readStackConfig({ STACK_KEEP_HOURS: "0", STACK_SIZE_LIMIT_MIB: "0" });
  assert.deepEqual(never.store.retention, { maxAgeMs: undefined, maxBytes: undefined });
  assert.throws(
    () => readStackConfig({ STACK_KEEP_HOURS: "7d", STACK_SIZE_LIMIT_MIB: "-1" }),
    (error) => {
      assert.ok(error instanceof StackError);
      assert.deepEqual(error.details, [
        'STACK_KEEP_HOURS is "7d": set it to hours, 0 for no limit, or unset it for 168.',
        'STACK_SIZE_LIMIT_MIB is "-1": set it to MiB, 0 for no limit, or unset it for 2048.',
      ]);
      return true;
    },
  );
});

test("who else may call is said by host names and origins, and by nothing else", () => {
  const { allowed } = readStackConfig({
    STACK_ALLOWED_HOSTS: "host.docker.internal, my_service,fe80::7",
    STACK_ALLOWED_ORIGINS: "https://app.example, http://localhost:5173",
  });
  assert.deepEqual(allowed, {
    hosts: ["host.docker.internal", "my_service", "fe80::7"],
    origins: ["https://app.example", "http://localhost:5173"],
  });
  assert.deepEqual(readStackConfig({}).allowed, { hosts: [], origins: [] });
  const faulty = { STACK_ALLOWED_HOSTS: "a:80,\u001b[2J", STACK_ALLOWED_ORIGINS: "*, app.example" };
  assert.throws(
    () => readStackConfig(faulty),
    (error: StackError) => {
      assert.match(
        error.details.join("\n"),
        /STACK_ALLOWED_HOSTS is "a:80,\\u001b\[2J": set it to host names/,
      );
      assert.match(
        error.details.join("\n"),
        /STACK_ALLOWED_ORIGINS is "\*, app.example": set it to origins/,
      );
      return error.code === "configuration_invalid";
    },
  );
});
