import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { miniserve, savedQueriesOf } from "#contract";
import { checkout, plainCheckout } from "../../../tests/support/traces/checkout.ts";
import { scaleFiles } from "./index.ts";
import { spanCondition } from "./sampling/ottl-condition.ts";

const contracts = { miniserve, checkout, plainCheckout };

function contentOf(contract: typeof miniserve | typeof checkout, end: string): string {
  const found = scaleFiles(contract).find(({ path }) => path.endsWith(end));
  assert.ok(found, end);
  return found.content;
}

test("each file says where it comes from and what the environment may set", () => {
  for (const contract of Object.values(contracts)) {
    for (const { path, content } of scaleFiles(contract).filter(({ path }) =>
      /\.yaml$/.test(path),
    )) {
      assert.match(content, /^# Generated from contract\/.*\. Do not edit\.$/m, path);
      const used = [...content.matchAll(/\$\{(?:env:)?([A-Z0-9_]+):-/g)].map(([, name]) => name);
      const said = [...content.matchAll(/^# {3}([A-Z0-9_]+) /gm)].map(([, name]) => name);
      assert.deepEqual([...new Set(used)].sort(), said.sort(), path);
    }
  }
});

test("every saved query is sampled for, or listed as one that sees only the share", () => {
  for (const [name, contract] of Object.entries(contracts)) {
    const { processors } = parse(contentOf(contract as typeof miniserve, "collector-gateway.yaml"));
    const policies: string[] = processors.tail_sampling.policies.map(
      (policy: { name: string }) => policy.name,
    );
    const page = contentOf(contract as typeof miniserve, "sampling.md");
    const [kept = "", shared = ""] = page.split("## Queries that see only the share");
    for (const { id } of savedQueriesOf(contract)) {
      assert.equal(policies.includes(id), kept.includes(`| \`${id}\` |`), `${name} ${id}`);
      assert.notEqual(policies.includes(id), shared.includes(`| \`${id}\` |`), `${name} ${id}`);
    }
    assert.equal(policies[0], "errors");
    assert.equal(policies.at(-1), "share");
  }
});

test("what one span can answer is a condition, and the rest says why not", () => {
  const cases: [string, object][] = [
    [
      '{ name = "a" && (span.b.c >= 2 || status = error) }',
      {
        condition:
          '((span.name == "a") and ((span.attributes["b.c"] >= 2) or (span.status.code == 2)))',
      },
    ],
    [
      "{ duration > 1s && span.x + 0 > 50 }",
      {
        condition:
          '(((span.end_time_unix_nano - span.start_time_unix_nano) > 1000000000) and (span.attributes["x"] > 50))',
      },
    ],
    ["{ resource.a = nil }", { condition: '(resource.attributes["a"] == nil)' }],
    ['{ name = "a" } > { name = "b" }', { reason: "it relates spans to each other" }],
    ["{ } | count() > 2", { reason: "it looks at groups of spans" }],
    [
      "{ trace:duration > 1s }",
      { reason: "it asks for trace:duration, which no span of its own has" },
    ],
    ['{ name =~ "a.*" }', { reason: "the Collector has no =~" }],
  ];
  for (const [search, expected] of cases) {
    assert.deepEqual(spanCondition(search), expected, search);
  }
});

test("agents hand on all spans of a trace to one gateway, encrypted and with a word, from disk", () => {
  const { exporters, service } = parse(contentOf(miniserve, "collector-agent.yaml"));
  const { routing_key, protocol, sending_queue, retry_on_failure } =
    exporters["load_balancing/gateways"];
  assert.equal(routing_key, "traceID");
  assert.ok(protocol.otlp.tls.ca_file && protocol.otlp.auth.authenticator);
  assert.equal(protocol.otlp.tls.insecure, undefined);
  assert.equal(sending_queue.storage, "file_storage/queue");
  assert.equal(retry_on_failure.max_elapsed_time, "0s");
  assert.deepEqual(service.pipelines.traces.exporters, ["load_balancing/gateways"]);
  assert.deepEqual(Object.keys(exporters), [
    "load_balancing/gateways",
    "otlp_http/loki",
    "otlp_http/prometheus",
  ]);
});

test("lines and metrics that nobody takes leave the agent's disk to spans, and may go over TLS", () => {
  const { exporters, receivers } = parse(contentOf(miniserve, "collector-agent.yaml"));
  const { "otlp_http/loki": lines, "otlp_http/prometheus": metrics } = exporters;
  const spans = exporters["load_balancing/gateways"];
  assert.ok(lines.sending_queue.queue_size * 10 <= spans.sending_queue.queue_size);
  assert.equal(receivers["file_log/lines"].retry_on_failure.max_elapsed_time, "0s");
  assert.equal(metrics.sending_queue.storage, undefined);
  assert.equal(metrics.retry_on_failure.max_elapsed_time, "60s");
  assert.equal(lines.tls.ca_file, `\${env:LOKI_CA_FILE:-}`);
  assert.equal(metrics.tls.ca_file, `\${env:PROMETHEUS_CA_FILE:-}`);
  const tempo = parse(contentOf(miniserve, "/tempo.yaml"));
  const [{ tls_config }] = tempo.metrics_generator.storage.remote_write;
  assert.equal(tls_config.ca_file, `\${PROMETHEUS_CA_FILE:-}`);
});
