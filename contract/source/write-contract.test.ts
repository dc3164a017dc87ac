import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import type { Contract } from "../define/index.ts";
import { type ContractSource, identifierOf, writeContract } from "./index.ts";

const checkout = resolve(import.meta.dirname, "..", "..");
const long = `It means ${"very ".repeat(20)}much.`;
const brief = "It means something.";

const source: ContractSource = {
  name: "post",
  brief: "What the post sends.",
  comment: ["Found in 412 traces.", long.repeat(2)],
  tracerName: "post.office",
  failures: "freely",
  undeclared: [{ name: "parcel.text", reason: "Left out: content." }, { name: "header.*" }],
  notes: { failures: "Libraries make its spans." },
  resource: {
    attributes: {
      service: { type: "string", key: "service.name", brief, examples: ["post"] },
    },
    serviceName: "service",
    instance: { type: "string", key: "service.instance.id", brief, examples: ["1"] },
    defaults: { service: "post" },
  },
  attributes: {
    weightKilograms: {
      type: "double",
      key: "parcel.weight",
      brief: long,
      unit: "kg",
      min: 0,
      max: 31.5,
      examples: [0.5, 1e-9],
      comment: ['Seen with\u2028two "lines"\nand a */.'],
      notes: { unit: "Guessed from its name.", max: long },
    },
    size: {
      section: "What it is",
      comment: ["Always there."],
      type: "int",
      key: "parcel.size_bytes",
      brief,
      examples: [1],
      semconv: { key: "size", transform: "to-array" },
      stability: "release_candidate",
      renamedFrom: ["parcel.size"],
    },
    kind: {
      type: "string",
      key: "parcel.kind",
      brief: 'A "parcel" or a letter.',
      values: ["it's", '"both"', "new\nline", "\u2028", "a\\b", `$${"{x}"}`, "`"],
      deprecated: { renamedTo: "parcel.code", note: long },
    },
    code: {
      type: "string",
      key: "parcel.code",
      brief,
      pattern: /[\p{Lu}/"]{1,4}/iu,
      examples: ["A"],
      unique: true,
    },
    state: {
      type: "string",
      key: "parcel.state",
      values: ["sent", "lost"],
      brief,
    },
    "not-a-name": {
      type: "boolean",
      key: "parcel.a_very_long_name_of_an_attribute_that_fills_a_line.and_then_some_more_words",
      brief: long,
    },
    long: {
      type: "string",
      key: "parcel.long",
      brief,
      values: ["one", "two", "three"].map((word) => word.repeat(20)),
    },
  },
  spans: {
    send: {
      name: "POST /parcels",
      brief,
      parent: null,
      kind: "server",
      atStart: ["size"],
      atEnd: ["state"],
      onSuccess: ["weightKilograms", "kind", "code", "not-a-name", "long"],
      comment: [long],
    },
    weigh: {
      name: "weigh",
      brief,
      parent: "send",
      presence: "optional",
      onSuccess: ["state"],
      whenFailed: { state: "lost" },
    },
  },
  metrics: {
    parcels: {
      name: "post.parcels",
      instrument: "counter",
      brief,
      advice: long,
      unit: "{parcel}",
      attributes: ["state"],
    },
    seconds: {
      name: "post.seconds",
      instrument: "histogram",
      brief,
      advice: brief,
      unit: "s",
      buckets: Array.from({ length: 40 }, (_, index) => index / 8),
      notes: { buckets: "Guessed." },
    },
    waiting: { name: "post.waiting", instrument: "gauge", brief, advice: brief, unit: "{parcel}" },
    served: {
      name: "post.served",
      instrument: "observable-counter",
      brief,
      advice: brief,
      unit: "{parcel}",
    },
  },
  logFields: { reason: { type: "string", key: "reason", brief, examples: ["why"] } },
  logEvents: {
    lost: {
      name: "parcel.lost",
      brief,
      level: "warn",
      span: "weigh",
      fields: ["reason", "code"],
    },
  },
  outcomes: {
    attribute: "state",
    byName: {
      sent: { brief, tree: "complete", rootStatus: "unset", comment: ["Seen twice."] },
      lost: { brief: long, tree: "failed", rootStatus: "error" },
    },
  },
  invariants: [
    { rule: "grows", brief: long, left: ["send.size"], relation: "at-least", right: ["send.size"] },
  ],
};

async function load(text: string): Promise<Record<string, Contract>> {
  const file = join(temporaryDirectory(), "contract.ts");
  writeFileSync(file, text);
  return await import(pathToFileURL(file).href);
}

test("what is written is a contract with all of its source", async () => {
  const text = writeContract(source, { from: join(checkout, "contract", "index.ts") });
  const { post } = await load(text);
  assert.ok(post !== undefined);
  const { brief: _, name: __, comment: ___, ...given } = source;
  const { attributes, spans, resource, metrics = {}, logEvents } = post;
  assert.equal(post.tracerName, given.tracerName);
  assert.equal(post.failures, "freely");
  assert.deepEqual(post.undeclared, ["parcel.text", "header.*"]);
  const { sent: { comment: ____, ...sent } = { comment: [] }, ...others } =
    given.outcomes?.byName ?? {};
  assert.deepEqual(post.outcomes, { attribute: "state", byName: { sent, ...others } });
  assert.deepEqual(post.invariants, given.invariants);
  assert.deepEqual(resource.defaults, given.resource.defaults);
  assert.equal(resource.instance?.key, "service.instance.id");
  assert.deepEqual(Object.keys(attributes), Object.keys(given.attributes));
  for (const [identifier, declared] of Object.entries(given.attributes)) {
    const {
      pattern,
      notes: _notes,
      comment: _comment,
      section: _section,
      semconv,
      examples,
      ...rest
    } = declared;
    const attribute = attributes[identifier];
    const defined = Object.fromEntries(
      Object.keys(rest).map((key) => [key, attribute?.[key as keyof typeof attribute]]),
    );
    assert.deepEqual(defined, rest, identifier);
    assert.deepEqual(attribute?.examples, examples ?? declared.values ?? [true, false]);
    assert.equal(attribute?.pattern?.source, pattern && `^(?:${pattern.source})$`);
    assert.deepEqual(attribute?.semconv, semconv);
  }
  assert.deepEqual(Object.keys(spans), Object.keys(given.spans));
  assert.deepEqual(spans.weigh?.whenFailed, { state: "lost" });
  assert.equal(spans.send?.name, "POST /parcels");
  assert.deepEqual(metrics.seconds?.buckets, given.metrics?.seconds?.buckets);
  assert.deepEqual(
    Object.values(metrics).map(({ instrument }) => instrument),
    ["counter", "histogram", "gauge", "observable-counter"],
  );
  assert.deepEqual(logEvents.lost?.required, ["reason", "code"]);
});

test("what is written is as this project's formatter leaves it", () => {
  const text = writeContract(source);
  const biome = join(checkout, "node_modules", ".bin", "biome");
  const formatted = spawnSync(biome, ["format", "--stdin-file-path=contract/post.ts"], {
    cwd: checkout,
    input: text,
    encoding: "utf8",
  }).stdout;
  assert.equal(text, formatted);
});

test("what is said about an entry stands above it, and what of its properties there", () => {
  const text = writeContract(source);
  assert.ok(text.startsWith("// Found in 412 traces.\n// It means very very"));
  assert.match(
    text,
    /\n {2}\/\/ Seen with two "lines" and a \*\/\.\n {2}weightKilograms: double\(/,
  );
  assert.match(text, /\n {4}\/\/ Guessed from its name\.\n {4}unit: "kg",\n/);
  assert.match(text, /\n {4}\/\/ Guessed\.\n {4}buckets: \[\n/);
  assert.match(text, /,\n\n {2}\/\/ What it is\n {2}\/\/ Always there\.\n {2}size: int\(/);
  assert.match(text, /\n {4}\/\/ Left out: content\.\n {4}"parcel\.text",\n {4}"header\.\*",\n/);
  assert.match(text, /\n {2}\/\/ Libraries make its spans\.\n {2}failures: /);
  assert.match(text, /\n {6}\/\/ Seen twice\.\n {6}sent: \{/);
  assert.ok(
    text.split("\n").every((line) => !line.trimStart().startsWith("//") || line.length <= 100),
  );
});

test("a contract with nothing but a root has nothing else in its file", () => {
  const text = writeContract({
    name: "plain",
    brief: "Plain.",
    tracerName: "plain",
    resource: source.resource,
    attributes: {},
    spans: { root: { name: "root", brief, parent: null } },
  });
  assert.doesNotMatch(text, /metrics|logFields|oneOf|outcomes|undeclared|failures/);
  assert.match(text, /logEvents: \{\},\n {2}invariants: \[\],\n\}\);\n$/);
});

test("a wire name becomes an identifier", () => {
  const taken = new Set(["httpStatusCode"]);
  for (const [name, identifier] of [
    ["http.route", "httpRoute"],
    ["http.status_code", "httpStatusCode2"],
    ["GET /cart/{id}", "getCartId"],
    ["k8s.pod-name", "k8sPodName"],
    ["4xx", "of4xx"],
    ["…", "name"],
    ["HTTPServer.URL", "hTTPServerURL"],
    ["__proto__", "proto"],
  ] as const) {
    assert.equal(identifierOf(name, taken), identifier);
  }
});
