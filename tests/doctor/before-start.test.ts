/** `npm run doctor` where nothing runs yet: what would keep the stack from starting, or spans from arriving. */
import assert from "node:assert/strict";
import { appendFileSync, cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { listen, stackUnderTest } from "../stack/stack-under-test.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { runDoctor } from "./doctor-report.ts";

const timeout = 120_000;

test("a port that another process holds, and variables that lose spans", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const free = await runDoctor(stack);
  assert.deepEqual(free.codes("problem"), [], free.printed);
  assert.deepEqual(free.codes("warning"), ["model_generated"], free.printed);
  assert.deepEqual(readdirSync(stack.directory), [], "nothing is made");

  const holder = await listen(stack.ports.TEMPO_PORT);
  t.after(() => holder.close());
  const found = await runDoctor(stack, [], {
    MINISERVE_MODEL: "/nowhere/model.gguf",
    OTEL_TRACES_SAMPLER: "parentbased_always_off",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://ada:s3cret-word@127.0.0.1:${stack.ports.OTLP_GRPC_PORT}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "64",
    OTEL_SERVICE_NAME: "minisrv",
    http_proxy: "http://proxy.example:3128",
    no_proxy: "example.org",
  });
  const { sentence } = found.find("port_in_use");
  assert.ok(sentence.includes(`TEMPO_PORT ${stack.ports.TEMPO_PORT} is in use`), sentence);
  assert.match(sentence, new RegExp(`process ${process.pid}`));
  assert.match(found.find("model_not_found").sentence, /\/nowhere\/model\.gguf/);
  assert.match(found.find("tracing_off").action ?? "", /^unset OTEL_TRACES_SAMPLER,/);
  assert.match(found.find("exporter_unreachable").sentence, /ECONNREFUSED/);
  assert.match(found.find("proxy_in_the_way").action ?? "", /^export no_proxy=localhost,127/);
  assert.match(found.find("variable_ignored").sentence, /OTEL_EXPORTER_OTLP_PROTOCOL/);
  const partial = found.results.filter(({ code }) => code === "tracing_partial");
  assert.match(partial.map((one) => one.sentence).join(), /64 characters.*"minisrv".* miniserve/);
  assert.doesNotMatch(found.printed, /s3cret/);
});

test("settings that are invalid, and a configuration that cannot be read", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  const settings = await runDoctor(stack, [], { STACK_KEEP_HOURS: "week", MINISERVE_SLOTS: "0" });
  assert.deepEqual(
    settings.find("configuration_invalid").details.map((line) => line.split(/[ :]/)[0]),
    ["STACK_KEEP_HOURS", "MINISERVE_SLOTS"],
  );
  const config = join(temporaryDirectory(), "miniserve.config.ts");
  writeFileSync(config, "export default { services: ;\n");
  const broken = await runDoctor(stack, [], { MINISERVE_CONFIG: config });
  assert.match(broken.find("services_unreadable").sentence, /miniserve\.config\.ts/);
  rmSync(config);
  const gone = await runDoctor(stack, [], { MINISERVE_CONFIG: config });
  assert.match(gone.find("services_unreadable").sentence, /no such file/);
  const unknown = await runDoctor(stack, ["--service", "shop"]);
  assert.match(unknown.find("service_unknown").action ?? "", /miniserve/);
});

test("generated files that are older than the contract", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const folder = temporaryDirectory();
  cpSync(join("examples", "checkout"), folder, { recursive: true });
  const options = ["--config", join(folder, "miniserve.config.ts")];
  const fresh = await runDoctor(stack, options);
  assert.deepEqual(fresh.codes("problem"), [], fresh.printed);
  appendFileSync(join(folder, "stack", "generated", "collector.yaml"), "# by hand\n");
  const stale = await runDoctor(stack, options);
  assert.match(stale.find("generated_stale").details.join(), /^stack\/generated\/collector\.yaml/);
  assert.match(stale.find("generated_stale").action ?? "", /^npm run generate/);
});

test("an endpoint of another protocol, and one with a wrong path", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const ofExample = ["--config", join("examples", "checkout", "miniserve.config.ts")];
  const at = (OTEL_EXPORTER_OTLP_ENDPOINT: string, OTEL_EXPORTER_OTLP_PROTOCOL: string) =>
    runDoctor(stack, ofExample, { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL });
  const good = await at(receiver.grpcEndpoint, "grpc");
  assert.deepEqual(good.codes("problem"), [], good.printed);
  const overHttp = await at(receiver.httpEndpoint, "http/protobuf");
  assert.deepEqual(overHttp.codes("problem"), [], overHttp.printed);
  const swapped = await at(receiver.httpEndpoint, "grpc");
  assert.match(swapped.find("exporter_protocol_wrong").sentence, /is HTTP, .* OTLP over gRPC/);
  const other = await at(receiver.grpcEndpoint, "http/protobuf");
  assert.match(other.find("exporter_protocol_wrong").action ?? "", /4317.*4318/);
  const encrypted = await at(receiver.httpEndpoint.replace("http:", "https:"), "http/protobuf");
  assert.match(encrypted.find("exporter_unreachable").action ?? "", /http:\/\/ instead of https/);
  const twice = await at(`${receiver.httpEndpoint}/v1/traces`, "http/protobuf");
  assert.match(twice.find("exporter_path_wrong").sentence, /\/v1\/traces\/v1\/traces/);
  const none = await at("localhost:4317", "grpc");
  assert.match(none.find("otlp_exporter_invalid").action ?? "", /http:\/\/host:4317/);
  assert.deepEqual(receiver.spans, [], "no span was sent");
  assert.deepEqual(receiver.exports, []);
});
