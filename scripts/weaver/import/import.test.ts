import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { readFolder } from "./read-folder.ts";
import { toContract } from "./to-contract.ts";

type Files = Readonly<Record<string, string>>;

function write(files: Files): string {
  const folder = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function importFiles(files: Files, dependencies: readonly string[] = [], roots: string[] = []) {
  const { registry, faults } = readFolder(write(files), dependencies);
  assert.deepEqual(faults, []);
  const { source, losses } = toContract(registry, { from: "a test", service: "bakery", roots });
  const left = losses.map(({ reason, of }) => `${reason}: ${of.join(", ")}`);
  return { source, left, unread: Object.fromEntries(registry.unread) };
}

/** The faults without the folder, which is another one each time. */
function faultsOf(files: Files, dependencies: readonly string[] = []): string[] {
  const folder = write(files);
  return readFolder(folder, dependencies).faults.map((fault) =>
    fault.replaceAll(`${relative(process.cwd(), folder)}/`, ""),
  );
}

const groups: Files = {
  "model/bread.yaml": `
groups:
  - id: registry.bread
    type: attribute_group
    brief: Of bread.
    attributes:
      - id: bread.kind
        type:
          members:
            - id: rye
              value: rye
              stability: stable
            - id: wheat
              value: wheat
              stability: development
        stability: stable
        brief: >
          What it is
          made of.
        note: Ask the baker.
      - id: bread.loaves
        type: int
        brief: How many.
        stability: development
        examples: [2, 5]
      - id: bread.weight
        type: double
        brief: How heavy.
        stability: experimental
        examples: 1.5
      - id: bread.count
        type: int
        brief: How many.
        stability: development
        deprecated:
          reason: renamed
          renamed_to: bread.loaves
      - id: bread.number
        type: int
        brief: How many.
        stability: development
        deprecated: {reason: renamed, renamed_to: bread.count}
      - id: bread.burnt
        type: boolean
        brief: Whether it is black.
        stability: development
        deprecated: Nobody burns any.
      - id: bread.toppings
        type: string[]
        brief: What is on it.
        examples: [[seeds]]
        stability: development
      - id: bread.label
        type: template[string]
        brief: What is written on it.
        examples: [a]
        stability: development
      - id: bread.text
        type: string
        brief: What is said of it.
        examples: [a]
        stability: development
      - id: bread.oven_number
        type: {members: [{id: one, value: 1, stability: development}, {id: two, value: 2, stability: development}]}
        brief: Which oven.
        stability: development
  - id: attributes.bread.common
    type: attribute_group
    brief: What all have.
    attributes:
      - ref: bread.kind
        requirement_level: required
        sampling_relevant: true
      - ref: bread.loaves
        requirement_level: recommended
`,
  "model/signals.yaml": `
groups:
  - id: span.bread.bake
    type: span
    span_kind: server
    stability: stable
    brief: Bakes.
    extends: attributes.bread.common
    attributes:
      - ref: bread.loaves
        requirement_level: required
        brief: How many are baked.
      - ref: bread.weight
        requirement_level:
          conditionally_required: If there is a scale.
      - ref: bread.toppings
      - ref: bread.label
      - ref: bread.text
      - ref: bread.burnt
  - id: span.bread.cool
    type: span
    span_kind: internal
    stability: development
    brief: Cools.
    events: [event.bread.cold]
    attributes:
      - ref: bread.oven_number
        requirement_level: opt_in
  - id: event.bread.cold
    type: event
    name: bread.cold
    stability: stable
    brief: It is cold.
    attributes:
      - ref: bread.kind
      - id: bread.minutes
        type: int
        brief: How long it took.
        stability: development
        requirement_level: required
  - id: metric.bread.sold
    type: metric
    metric_name: bread.sold
    instrument: counter
    unit: "{loaf}"
    brief: Loaves sold.
    stability: stable
    attributes:
      - ref: bread.kind
        requirement_level: required
      - ref: bread.loaves
  - id: metric.bread.time
    type: metric
    metric_name: bread.time
    instrument: histogram
    unit: ms
    brief: How long it took.
    stability: development
  - id: metric.bread.hot
    type: metric
    metric_name: bread.hot
    instrument: updowncounter
    unit: "{loaf}"
    brief: Loaves in the oven.
    stability: development
    attributes:
      - ref: bread.kind
  - id: entity.bakery
    type: entity
    name: bakery
    stability: stable
    brief: The shop.
    attributes:
      - id: bakery.street
        type: string
        brief: Where it is.
        examples: [Main Street]
        stability: development
        role: identifying
`,
  "templates/registry/weaver.yaml": "templates: [{pattern: x}]\n",
};

test("groups become a contract, and what it cannot hold is told", () => {
  const { source, left, unread } = importFiles(groups);
  assert.deepEqual(source.attributes, {
    breadKind: {
      type: "string",
      key: "bread.kind",
      brief: "What it is made of.",
      values: ["rye", "wheat"],
      stability: "stable",
    },
    breadLoaves: {
      type: "int",
      key: "bread.loaves",
      brief: "How many.",
      examples: [2, 5],
      renamedFrom: ["bread.count", "bread.number"],
    },
    breadWeight: {
      type: "double",
      key: "bread.weight",
      brief: "How heavy.",
      unit: "1",
      examples: [1.5],
    },
    breadBurnt: {
      type: "boolean",
      key: "bread.burnt",
      brief: "Whether it is black.",
      deprecated: { note: "Nobody burns any." },
    },
    breadOvenNumber: {
      type: "int",
      key: "bread.oven_number",
      brief: "Which oven.",
      examples: [1],
    },
  });
  assert.deepEqual(
    source.undeclared?.map(({ name }) => name),
    ["bread.toppings", "bread.label.*", "bread.text"],
  );
  const { comment, ...bake } = source.spans.breadBake ?? {};
  assert.match(String(comment), /^Weaver does not say which span is below which/);
  assert.deepEqual(bake, {
    name: "bread.bake",
    brief: "Bakes.",
    parent: null,
    kind: "server",
    atStart: ["breadKind"],
    atEnd: ["breadLoaves"],
    optional: ["breadWeight", "breadBurnt"],
    stability: "stable",
  });
  assert.deepEqual(source.spans.breadCool, {
    name: "bread.cool",
    brief: "Cools.",
    parent: "breadBake",
    presence: "sampled",
    optional: ["breadOvenNumber"],
  });
  assert.deepEqual(Object.keys(source.logFields ?? {}), ["breadMinutes"]);
  assert.deepEqual(source.logEvents?.breadCold, {
    name: "bread.cold",
    brief: "It is cold.",
    level: "info",
    span: null,
    fields: ["breadMinutes"],
    optionalFields: ["breadKind"],
  });
  assert.deepEqual(
    Object.values(source.metrics ?? {}).map(({ name, instrument, unit, attributes = [] }) =>
      [name, instrument, unit, ...attributes].join(" "),
    ),
    ["bread.sold counter {loaf} breadKind", "bread.time histogram 1", "bread.hot gauge {loaf}"],
  );
  assert.equal(source.failures, "freely");
  assert.deepEqual(source.resource.defaults, { serviceName: "bakery" });
  assert.deepEqual(left, [
    "Attributes are left out, for a contract has no lists, templates or values of any type: bread.toppings (string[]), bread.label (template[string])",
    "Attributes are left out, for prompt, completion, messages and text in a name stand for content: bread.text (string)",
    "Closed lists are left out, for only texts have one: bread.oven_number",
    "Examples are made up, for the registry has none of the type: bread.oven_number, bread.minutes",
    "Conditions are left out, for a contract knows always, on success and sometimes: bread.weight of bread.bake",
    "Labels are left out, for only closed lists, truth values and texts with a pattern are few enough: bread.loaves of bread.sold",
    "Units of metrics are taken as 1, for a contract has s, By, 1 and {things}: bread.time (ms)",
    "Histograms get OpenTelemetry's usual buckets, for Weaver has no word for them: bread.time",
    "Metrics are taken as gauges, for a contract has no updowncounter: bread.hot",
    "Labels are left out, for a contract's gauges have none: bread.kind of bread.hot",
    "Entities are left out, for a contract's resource is the service: bakery",
    "Log lines get the level info, in any span, for Weaver says neither: bread.cold",
    "Stability and deprecation of log lines are left out: bread.cold",
  ]);
  assert.deepEqual(unread, {
    "note of an attribute": 1,
    "brief of an attribute": 1,
    "stability of a member": 1,
    "brief of a group": 2,
    "events of a group": 1,
  });
});

const definitions: Files = {
  "manifest.yaml": `
description: Of bread.
schema_url: https://bakery.invalid/bread/1.0.0
dependencies:
  - schema_url: https://grain.invalid/flour/1.0.0
    registry_path: ../flour
`,
  "bread.yaml": `
file_format: definition/2
attributes:
  - key: bread.kind
    type: string
    brief: What it is made of.
    examples: [rye]
    stability: stable
    annotations:
      code_generation: {exclude: true}
  - key: service.name
    type: string
    brief: The service.
    examples: [bakery]
    stability: stable
  - key: service.version
    type: string
    brief: Which one.
    examples: ["1"]
    stability: stable
attribute_groups:
  - id: attributes.bread
    visibility: internal
    attributes:
      - ref: bread.kind
        requirement_level: required
      - ref: flour.grain
spans:
  - type: bread.bake
    name: {note: "bake {bread.kind}"}
    kind: server
    stability: stable
    requirement_level: recommended
    brief: Bakes.
    attributes:
      - ref_group: attributes.bread
      - ref: flour.grain
        requirement_level: required
        sampling_relevant: true
  - type: bread.order
    name: {note: orders process}
    kind: consumer
    stability: development
    requirement_level: opt_in
    brief: Takes an order.
  - type: bread.old
    name: {note: old}
    kind: server
    stability: development
    brief: Baked.
    deprecated: {reason: renamed, renamed_to: bread.bake}
span_refinements:
  - id: bread.bake.twice
    ref: bread.bake
    brief: Bakes again.
    attributes:
      - ref: bread.kind
        requirement_level: recommended
metrics:
  - name: bread.eaten
    instrument: gauge
    unit: "1"
    brief: Eaten.
    stability: development
    deprecated: {reason: obsoleted, note: All is eaten.}
entities:
  - type: service
    brief: The service.
    stability: stable
    identity:
      - ref: service.name
    description:
      - ref: service.version
        requirement_level: recommended
imports:
  spans: ["flour.*"]
`,
};

const flour: Files = {
  "grain.yaml": `
groups:
  - id: registry.flour
    type: attribute_group
    brief: Of flour.
    attributes:
      - id: flour.grain
        type: string
        brief: Which grain.
        note: Not told.
        examples: [rye]
        stability: stable
      - id: flour.unused
        type: string
        brief: Not referred to.
        examples: [a]
        stability: stable
  - id: span.flour.mill
    type: span
    span_kind: client
    brief: Mills.
    stability: stable
    attributes:
      - ref: flour.grain
`,
};

function besideEachOther(): string {
  const folder = temporaryDirectory();
  for (const [name, files] of Object.entries({ bread: definitions, flour })) {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, file), text);
    }
  }
  return join(folder, "bread");
}

test("definitions of version 2 become a contract, with what they take of a dependency", () => {
  const { registry, faults, missing } = readFolder(besideEachOther(), []);
  assert.deepEqual([faults, missing], [[], []]);
  const { source, losses } = toContract(registry, { from: "a test", service: "bakery", roots: [] });
  assert.deepEqual(Object.keys(source.attributes), ["flourGrain", "breadKind"]);
  const { spans } = source;
  assert.deepEqual(
    Object.entries(spans).map(([identifier, { name, parent, alsoUnder = [], kind }]) =>
      [identifier, name, parent, ...alsoUnder, kind].join(" "),
    ),
    [
      "breadBake bread.bake  server",
      "ordersProcess orders process  consumer",
      "breadBakeTwice bread.bake.twice  server",
      "flourMill flour.mill breadBake ordersProcess breadBakeTwice client",
    ],
  );
  assert.deepEqual(
    Object.values(spans).map(({ atStart, atEnd, optional }) => [atStart, atEnd, optional]),
    [
      [["flourGrain"], ["breadKind"], undefined],
      [undefined, undefined, undefined],
      [["flourGrain"], undefined, ["breadKind"]],
      [undefined, undefined, ["flourGrain"]],
    ],
  );
  assert.deepEqual(spans.breadBake?.renamedFrom, ["old"]);
  assert.deepEqual(spans.breadBake?.stability, "stable");
  assert.equal(spans.breadBakeTwice?.brief, "Bakes again.");
  assert.deepEqual(source.metrics?.breadEaten?.deprecated, { note: "All is eaten." });
  assert.deepEqual(Object.keys(source.resource.attributes), ["serviceName"]);
  assert.equal(source.resource.instance?.key, "service.instance.id");
  assert.deepEqual(
    losses.map(({ reason, of }) => `${reason}: ${of.join(", ")}`),
    [
      "Spans are called as their types, for their names are described and not given: bread.bake",
      "Attributes of the resource are left out, for they are not required: service.version",
    ],
  );
  assert.deepEqual(Object.fromEntries(registry.unread), {
    "code_generation of an annotation": 1,
    "visibility of a group of attributes": 1,
    "requirement_level of a span": 1,
  });
});

test("the spans that are named are the roots", () => {
  const { source } = importFiles(groups, [], ["bread.cool"]);
  assert.deepEqual(
    Object.values(source.spans).map(({ name, parent }) => [name, parent]),
    [
      ["bread.cool", null],
      ["bread.bake", "breadCool"],
    ],
  );
});

test("every fault is told with its file and line", () => {
  const faults = faultsOf({
    "broken.yaml": "groups:\n  - id: [\n",
    "resolved.yaml": "file_format: resolved/2.0\n",
    "list.yaml": "groups:\n  id: one\n",
    "twice.yaml": `
groups:
  - id: registry.one
    type: attribute_group
    attributes:
      - {id: bread.kind, type: string, stability: stable}
      - {id: bread.kind, type: string, stability: great}
      - {id: bread.type}
      - {brief: no name}
  - id: span.one
    extends: registry.two
    attributes:
      - ref: bread.knid
      - {ref: bread.kind, requirement_level: sometimes}
  - {id: metric.one, type: metric, brief: One.}
  - {id: other, type: thing}
  - {id: group.a, type: attribute_group, extends: group.b}
  - {id: group.b, type: attribute_group, extends: group.a}
`,
    "two.yaml": `
file_format: definition/2
attributes:
  - {type: string}
spans:
  - {type: span.two, attributes: [{ref_group: attributes.one}]}
imports:
  metrics: ["bread.*"]
`,
  });
  assert.deepEqual(faults, [
    "broken.yaml:3: It is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ].",
    "list.yaml:2: groups is no list.",
    "resolved.yaml:1: Its file_format is resolved/2.0, not definition/2: give the folder that it was made of.",
    "twice.yaml:15: This group has no metric_name.",
    "twice.yaml:16: There is no type thing of groups.",
    "twice.yaml:7: bread.kind is defined at twice.yaml:6 too.",
    "twice.yaml:7: There is no stability great.",
    "twice.yaml:8: The attribute bread.type has no type.",
    "two.yaml:4: This attribute has no key.",
    "two.yaml:8: No dependency that is here has a metric bread.*.",
    "twice.yaml:9: This attribute has neither an id nor a ref.",
    "twice.yaml:10: There is no group registry.two; did you mean registry.one?",
    "twice.yaml:13: There is no attribute bread.knid; did you mean bread.kind?",
    "twice.yaml:14: There is no requirement_level sometimes.",
    "twice.yaml:17: group.a refers to itself.",
    "twice.yaml:18: group.b refers to itself.",
    "two.yaml:6: There is no group attributes.one.",
  ]);
});
