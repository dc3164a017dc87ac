import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { createSavedQueries } from "#contract";
import { miniserve } from "#miniserve";
import { toServices } from "../../../tests/support/services.ts";
import { checkout, plainCheckout } from "../../../tests/support/traces/checkout.ts";
import { pipelineFiles } from "../pipeline/index.ts";
import { scaleFiles } from "./index.ts";
import { spanCondition } from "./sampling/ottl-condition.ts";

const contracts = { miniserve, checkout, plainCheckout };

function getContent(contract: typeof miniserve | typeof checkout, end: string): string {
  const found = scaleFiles(toServices(contract)).find(({ path }) => path.endsWith(end));
  assert.ok(found, end);
  return found.content;
}

test("each file says where it comes from and what the environment may set", () => {
  for (const contract of Object.values(contracts)) {
    for (const { path, content } of scaleFiles(toServices(contract)).filter(({ path }) =>
      /\.yaml$/.test(path),
    )) {
      assert.match(
        content,
        /^# Generated from the (contracts|saved queries).*\. Do not edit\.$/m,
        path,
      );
      const used = [...content.matchAll(/\$\{(?:env:)?([A-Z0-9_]+):-/g)].map(([, name]) => name);
      const said = [...content.matchAll(/^# {3}([A-Z0-9_]+) /gm)].map(([, name]) => name);
      assert.deepEqual([...new Set(used)].sort(), said.sort(), path);
    }
  }
});

test("every saved query is sampled for, or listed as one that sees only the share", () => {
  for (const [name, contract] of Object.entries(contracts)) {
    const { processors } = parse(
      getContent(contract as typeof miniserve, "collector-gateway.yaml"),
    );
    const policies: string[] = processors.tail_sampling.policies.map(
      (policy: { name: string }) => policy.name,
    );
    const page = getContent(contract as typeof miniserve, "sampling.md");
    const [kept = "", shared = ""] = page.split("## Queries that see only the share");
    const [service] = toServices(contract);
    for (const { id } of createSavedQueries(contract)) {
      const isKept = policies.includes(`${service.id}-${id}`);
      assert.equal(isKept, kept.includes(`| \`${id}\` |`), `${name} ${id}`);
      assert.notEqual(isKept, shared.includes(`| \`${id}\` |`), `${name} ${id}`);
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

/** An agent's two files as a Collector merges them. */
function agentConfig() {
  const pipeline = pipelineFiles(toServices(miniserve)).find(({ path }) =>
    path.endsWith("/collector.yaml"),
  );
  const base = parse(pipeline?.content ?? "");
  return merged(base, parse(getContent(miniserve, "collector-agent.yaml")));
}

// biome-ignore lint/suspicious/noExplicitAny: as what a parser gives.
function merged(base: any, over: any): any {
  const areMaps = [base, over].every(
    (one) => typeof one === "object" && one !== null && !Array.isArray(one),
  );
  if (!areMaps) {
    return over;
  }
  const both = Object.keys(over).map((key) => [key, merged(base[key], over[key])]);
  return { ...base, ...Object.fromEntries(both) };
}

test("agents hand on all spans of a trace to one gateway, encrypted and with a word, from disk", () => {
  const { exporters, service } = agentConfig();
  const { routing_key, protocol, sending_queue, retry_on_failure } =
    exporters["load_balancing/gateways"];
  assert.equal(routing_key, "traceID");
  assert.ok(protocol.otlp.tls.ca_file && protocol.otlp.auth.authenticator);
  assert.equal(protocol.otlp.tls.insecure, undefined);
  assert.equal(sending_queue.storage, "file_storage/queue");
  assert.equal(retry_on_failure.max_elapsed_time, "0s");
  assert.deepEqual(service.pipelines.traces.exporters, ["load_balancing/gateways"]);
  assert.deepEqual(service.pipelines.traces.processors, [
    "memory_limiter",
    "filter/links",
    "transform/spans",
  ]);
  assert.deepEqual(Object.keys(service.pipelines), ["traces", "metrics", "logs"]);
  assert.ok(service.extensions.includes("file_storage/queue"));
});

test("lines and metrics that nobody takes leave the agent's disk to spans, and may go over TLS", () => {
  const { exporters, receivers } = agentConfig();
  const { "otlp_http/loki": lines, "otlp_http/prometheus": metrics } = exporters;
  const spans = exporters["load_balancing/gateways"];
  assert.ok(lines.sending_queue.queue_size * 10 <= spans.sending_queue.queue_size);
  assert.equal(receivers["file_log/lines"].retry_on_failure.max_elapsed_time, "0s");
  assert.equal(metrics.sending_queue.storage, undefined);
  assert.equal(metrics.retry_on_failure.max_elapsed_time, "60s");
  assert.equal(lines.tls.ca_file, `\${env:LOKI_CA_FILE:-}`);
  assert.equal(metrics.tls.ca_file, `\${env:PROMETHEUS_CA_FILE:-}`);
  const tempo = parse(getContent(miniserve, "/tempo.yaml"));
  const [{ tls_config }] = tempo.metrics_generator.storage.remote_write;
  assert.equal(tls_config.ca_file, `\${PROMETHEUS_CA_FILE:-}`);
});
