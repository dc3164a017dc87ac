import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import {
  type AttributeRecord,
  type Contract,
  DefinitionError,
  defineAttributes,
  defineContract,
  defineResource,
  defineSpanTree,
  int,
  oneOf,
  span,
  string,
} from "#contract";
import { miniserve } from "#miniserve";
import { toServices } from "../../../tests/support/services.ts";
import type { CollectorConfig } from "./collector/model.ts";
import { pipelineFiles } from "./index.ts";
import type { TempoConfig } from "./tempo/model.ts";
import { yamlFile } from "./yaml-file.ts";

/** A contract of one span that carries all of these. */
function contractWith(attributes: AttributeRecord, spanName = "work"): Contract {
  return defineContract({
    tracerName: "test",
    resource: defineResource({
      attributes: defineAttributes({
        service: string("service.name", { brief: "The service.", examples: ["test"] }),
      }),
      serviceName: "service",
      defaults: { service: "test" },
    }),
    attributes,
    spans: defineSpanTree(attributes, {
      work: span(spanName, { brief: "Works.", parent: null, optional: Object.keys(attributes) }),
    }),
    logEvents: {},
    invariants: [],
  });
}

function listFaults(contract: Contract): readonly string[] {
  try {
    pipelineFiles(toServices(contract));
    return [];
  } catch (error) {
    assert.ok(error instanceof DefinitionError, String(error));
    return error.issues;
  }
}

function manyStrings(count: number): AttributeRecord {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `word${index}`,
      string(`work.word_${index}`, { brief: "A word.", examples: ["x"] }),
    ]),
  );
}

function createCollector(contract: Contract): CollectorConfig {
  return parse(pipelineFiles(toServices(contract))[0]?.content ?? "");
}

test("as many strings have a column as Tempo has, those of few values first; the others are named", () => {
  const columns = (attributes: AttributeRecord) => {
    const text = pipelineFiles(toServices(contractWith(attributes))).at(-1)?.content ?? "";
    const { storage }: TempoConfig = parse(text);
    const names = storage.trace.block.parquet_dedicated_columns
      .filter(({ scope }) => scope === "span")
      .map(({ name }) => name);
    return { names, text };
  };
  assert.equal(columns(manyStrings(20)).names.length, 20);
  const state = oneOf("work.state", ["on", "off"], { brief: "Whether it works." });
  const { names, text } = columns({ ...manyStrings(21), state });
  assert.equal(names.length, 20);
  assert.equal(names[0], "work.state");
  assert.match(text, /Tempo takes no more: without are span\.work\.word_19, span\.work\.word_20\./);
});

test("everything that Tempo would mix up is told at once", () => {
  const faults = listFaults(
    contractWith({
      kind: string("span.kind", { brief: "Taken by Tempo.", examples: ["x"] }),
      oneWay: string("work.one_way", { brief: "A word.", examples: ["x"] }),
      another: string("work.one.way", { brief: "A word.", examples: ["x"] }),
    }),
  );
  assert.equal(faults.length, 2);
  assert.match(faults[0] ?? "", /^span\.kind is the label span_kind of metrics, which Tempo sets/);
  assert.match(
    faults[1] ?? "",
    /^work\.one_way and work\.one\.way are both the label work_one_way/,
  );
});

test("a form that the Collector cannot check is told, and each of several", () => {
  const word = (pattern: RegExp) =>
    ({ brief: "A word.", pattern, examples: ["aa"] }) as const satisfies object;
  assert.deepEqual(
    listFaults(
      contractWith(
        {
          ahead: string("work.ahead", word(/(?=a)a+/)),
          back: string("work.back", word(/(a)\1/)),
          often: string("work.often", word(/(?:aa?){1,1001}/)),
        },
        "unlisted",
      ),
    ),
    [
      "work.ahead: its pattern looks ahead or behind, which the Collector cannot",
      "work.back: its pattern refers back to a group, which the Collector cannot",
      "work.often: its pattern repeats something {1,1001} times, and the Collector 1000",
      "work: unlisted is what unknown names become",
    ],
  );
});

test("each attribute is allowed on the spans that carry it, and on no other", () => {
  const { trace_statements: groups } = createCollector(miniserve).processors["transform/spans"];
  for (const definition of Object.values(miniserve.spans)) {
    const ofSpan = groups.filter(({ conditions = [] }) =>
      conditions.some((condition) => condition.includes(`"${definition.name}"`)),
    );
    assert.equal(ofSpan.length, 1, definition.name);
    const kept = ofSpan.flatMap(({ statements }) =>
      statements.flatMap(
        (statement) => /^set\(span\.cache\["([^"]+)"\]/.exec(statement)?.[1] ?? [],
      ),
    );
    assert.deepEqual(
      kept,
      Object.values(definition.attributes).map(({ key }) => key),
    );
  }
});

test("what fails in the Collector stops there, and what waits there is on disk", () => {
  const { processors, exporters, service } = createCollector(miniserve);
  for (const processor of Object.values(processors)) {
    assert.ok(!("error_mode" in processor) || processor.error_mode === "propagate");
  }
  for (const name of ["otlp_grpc/tempo", "otlp_http/loki"] as const) {
    const { sending_queue: queue, retry_on_failure: retry } = exporters[name];
    assert.equal(queue.storage, "file_storage/queue");
    assert.equal(retry.max_elapsed_time, "0s");
  }
  const { traces, logs, metrics } = service.pipelines;
  assert.deepEqual(metrics?.processors, ["memory_limiter", "filter/metrics", "transform/metrics"]);
  assert.deepEqual(traces.processors, ["memory_limiter", "filter/links", "transform/spans"]);
  assert.deepEqual(logs.processors, ["memory_limiter", "transform/lines"]);
});

test("a contract without metrics has no way for metrics", () => {
  const { service, exporters, processors } = createCollector(contractWith({}));
  assert.deepEqual(Object.keys(service.pipelines), ["traces", "logs"]);
  assert.doesNotMatch(Object.keys({ ...exporters, ...processors }).join(), /metrics|prometheus/);
});

test("each file says where it comes from and what the environment may set", () => {
  for (const { path, content } of pipelineFiles(toServices(contractWith({})))) {
    assert.match(content, /^# Generated from the contracts and .*\. Do not edit\.$/m, path);
    const used = new Set(
      [...content.matchAll(/\$\{(?:env:)?([A-Z_]+):-/g)].map(([, name]) => name),
    );
    const said = new Set([...content.matchAll(/^# {3}([A-Z_]+) /gm)].map(([, name]) => name));
    assert.deepEqual([...used].sort(), [...said].sort(), path);
  }
});

test("a reason without the value that it explains is a defect", () => {
  const file = { name: "a.yaml", source: "here", brief: [], content: { a: 1 } };
  const settings = { a: { variable: "A", default: "1", brief: "One." } };
  assert.throws(
    () => yamlFile({ ...file, settings, reasons: { "a.b": "Because." } }),
    /There is no a\.b to explain/,
  );
});

test("numbers are allowed within their bounds, and whole ones are no texts", () => {
  const statements = createCollector(
    contractWith({ size: int("work.size", { brief: "Size.", min: -5, max: 7, examples: [1] }) }),
  ).processors["transform/spans"].trace_statements.flatMap((group) => group.statements);
  const value = 'span.attributes["work.size"]';
  assert.ok(
    statements.includes(
      `set(span.cache["work.size"], ${value}) where IsInt(${value}) and ${value} >= -5 and ${value} <= 7`,
    ),
  );
});
