import type { Attribute, AttributeRecord } from "../define/attribute.ts";
import {
  type Contract,
  getServiceName,
  type Invariant,
  listChildren,
  listRootSpans,
  splitPath,
} from "../define/contract.ts";
import type { DefinedLifecycle } from "../define/lifecycle.ts";
import type { Presence, SpanDefinition } from "../define/span.ts";
import { prometheusName } from "../promql/metric-names.ts";
import { fieldsBeyondAttributes } from "./contract-data.ts";

/** The whole contract as a page to read, in lines of Markdown. */
export function contractPage(contract: Contract): string[] {
  return [
    "<!-- Generated from contract/ by npm run generate. Do not edit. -->",
    "",
    `# The contract of ${getServiceName(contract)}`,
    "",
    `What the trace of one request looks like. The tracer is ${code(contract.tracerName)}. The same as data: [contract.json](contract.json).`,
    "",
    "## The tree",
    "",
    "```",
    ...drawContractTree(contract),
    "```",
    "",
    ...table(
      ["span", "in code", "kind", "there", "meaning"],
      listSpans(contract).map((definition) => [
        code(definition.name),
        code(definition.identifier),
        definition.kind,
        notePresence(contract, definition) || "always",
        formatMeaning(definition),
      ]),
    ),
    "",
    ...attributeSections(contract),
    ...outcomeSection(contract),
    ...invariantSection(contract),
    ...metricSection(contract),
    ...logSections(contract),
  ];
}

function attributeSections(contract: Contract): string[] {
  const { attributes, resource } = contract;
  return [
    "## Attributes",
    "",
    ...attributeTable(attributes, "on", (identifier) =>
      codes(
        listSpans(contract)
          .filter((definition) => Object.hasOwn(definition.attributes, identifier))
          .map(({ name }) => name),
      ),
    ),
    "",
    "## When each is there",
    "",
    "*Done*: when the stage did its work; one that was interrupted or threw sets what it knows.",
    "",
    ...table(
      ["span", "always", "done", "sometimes", "when interrupted", "when failed"],
      listSpans(contract).map((definition) => [
        code(definition.name),
        formatKeys(definition, [...definition.atStart, ...definition.atEnd]),
        formatKeys(definition, definition.onSuccess),
        formatKeys(definition, definition.optional),
        formatReplacements(definition, definition.whenInterrupted),
        formatReplacements(definition, definition.whenFailed),
      ]),
    ),
    "",
    "## Resource",
    "",
    ...attributeTable(withInstance(resource), "default", (identifier) =>
      code(resource.defaults[identifier]),
    ),
    "",
  ];
}

function withInstance({ attributes, instance }: Contract["resource"]): AttributeRecord {
  return instance === undefined ? attributes : { ...attributes, instance };
}

function attributeTable(
  attributes: AttributeRecord,
  lastColumn: string,
  lastCell: (identifier: string) => string,
): string[] {
  const head = ["name", "in code", "type", "unit", "meaning", "example", "semantic convention"];
  return table(
    [...head, lastColumn],
    Object.entries(attributes).map(([identifier, attribute]) => [
      code(attribute.key),
      code(identifier),
      formatType(attribute),
      code(attribute.unit),
      formatMeaning(attribute),
      code(String(attribute.examples[0])),
      formatConvention(attribute),
      lastCell(identifier),
    ]),
  );
}

/** The brief, with how long the name has been and will be what it is. */
function formatMeaning(declared: DefinedLifecycle & { readonly brief: string }): string {
  const { brief, stability, deprecated, renamedFrom } = declared;
  const replacement = deprecated?.renamedTo && `renamed to ${code(deprecated.renamedTo)}`;
  const reasons = [replacement, deprecated?.note].filter((reason) => reason !== undefined);
  return [
    brief,
    ...(deprecated === undefined
      ? []
      : [`**Deprecated**: ${reasons.join(". ")}`.replace(/\.?$/, ".")]),
    ...(renamedFrom === undefined ? [] : [`Formerly ${codes(renamedFrom)}.`]),
    ...(stability === undefined ? [] : [`*${stability.replace("_", " ")}*`]),
  ].join(" ");
}

function formatType({ type, values, min, max }: Attribute): string {
  if (values !== undefined) {
    return `one of ${codes(values)}`;
  }
  const bounds = [
    ...(min === undefined ? [] : [`from ${min}`]),
    ...(max === undefined ? [] : [`to ${max}`]),
  ];
  return [type, ...bounds].join(" ");
}

function formatConvention({ semconv }: Attribute): string {
  const transform = semconv?.transform?.replaceAll("-", " ");
  return semconv === undefined ? "" : code(semconv.key) + (transform ? `, ${transform}` : "");
}

function formatKeys(definition: SpanDefinition, identifiers: readonly string[]): string {
  return codes(identifiers.map((identifier) => definition.attributes[identifier]?.key));
}

function formatReplacements(
  definition: SpanDefinition,
  replacements: Readonly<Record<string, unknown>>,
): string {
  return codes(
    Object.entries(replacements).map(
      ([identifier, value]) => `${definition.attributes[identifier]?.key} = ${String(value)}`,
    ),
  );
}

function outcomeSection({ outcomes, attributes }: Contract): string[] {
  if (outcomes === undefined) {
    return [];
  }
  return [
    "## Outcomes",
    "",
    `How a request ended, as ${code(attributes[outcomes.attribute]?.key)} says.`,
    "",
    ...table(
      ["outcome", "meaning", "spans", "status", "needs"],
      Object.entries(outcomes.byName).map(([name, { brief, tree, rootStatus, needs = [] }]) => [
        code(name),
        brief,
        tree,
        rootStatus,
        codes(needs.map((identifier) => attributes[identifier]?.key)),
      ]),
    ),
    "",
  ];
}

function invariantSection(contract: Contract): string[] {
  if (contract.invariants.length === 0) {
    return [];
  }
  const sum = (paths: readonly string[]) =>
    paths
      .map((path) => {
        const { span, attribute } = splitPath(path);
        const definition = contract.spans[span];
        return `${code(definition?.attributes[attribute]?.key)} of ${code(definition?.name)}`;
      })
      .join(" + ");
  const relations = { equals: "=", "at-least": "≥" } as const satisfies Record<
    Invariant["relation"],
    string
  >;
  return [
    "## What must hold",
    "",
    ...table(
      ["rule", "meaning", "", "unless there is"],
      contract.invariants.map(({ rule, brief, left, relation, right, unless }) => [
        code(rule),
        brief,
        `${sum(left)} ${relations[relation]} ${sum(right)}`,
        code(unless === undefined ? undefined : contract.spans[unless]?.name),
      ]),
    ),
    "",
  ];
}

function logSections(contract: Contract): string[] {
  const { logEvents, spans } = contract;
  if (Object.keys(logEvents).length === 0) {
    return [];
  }
  return [
    "## Log lines",
    "",
    ...table(
      ["event", "level", "in", "meaning", "fields"],
      Object.values(logEvents).map(({ name, level, span, brief, fields, required }) => [
        code(name),
        level,
        code(span === null ? undefined : spans[span]?.name),
        brief,
        Object.entries(fields)
          .map(([field, { key }]) => code(key) + (required.includes(field) ? "" : " sometimes"))
          .join(", "),
      ]),
    ),
    "",
    "## Fields of log lines",
    "",
    "Besides the attributes of the spans, `time`, `level`, `event`, `trace_id` and `span_id`.",
    "",
    ...attributeTable(fieldsBeyondAttributes(contract), "in the lines", (identifier) =>
      codes(
        Object.values(logEvents)
          .filter(({ fields }) => Object.hasOwn(fields, identifier))
          .map(({ name }) => name),
      ),
    ),
    "",
  ];
}

function listSpans({ spans }: Contract): SpanDefinition[] {
  return Object.values(spans);
}

const presenceNotes = {
  always: "",
  optional: "when asked for",
  sampled: "any number, sampled",
} as const satisfies Record<Presence, string>;

function notePresence(contract: Contract, { presence, onlyFor }: SpanDefinition): string {
  const { attribute = "", isOneOf = [] } = onlyFor ?? {};
  const key = contract.attributes[attribute]?.key;
  const kind = onlyFor === undefined ? "" : `${key} is ${isOneOf.join(" or ")}`;
  return [presenceNotes[presence], kind].filter(Boolean).join("; ");
}

/** The tree of a request as lines of text, a span a line, with what is not always there noted. */
function drawContractTree(contract: Contract): string[] {
  const rows = listRootSpans(contract).flatMap((root) => rowsBelow(contract, root, "", ""));
  const width = Math.max(...rows.map(({ drawn }) => drawn.length));
  return rows.map(({ drawn, note }) => `${drawn.padEnd(width)}  ${note}`.trimEnd());
}

function rowsBelow(
  contract: Contract,
  definition: SpanDefinition,
  branch: string,
  indent: string,
): { readonly drawn: string; readonly note: string }[] {
  const children = listChildren(contract, definition);
  return [
    { drawn: branch + definition.name, note: notePresence(contract, definition) },
    ...children.flatMap((child, index) => {
      if (child.parent !== definition.identifier) {
        // What is below it is drawn where it stands first.
        const connector = index === children.length - 1 ? "└─ " : "├─ ";
        return [{ drawn: indent + connector + child.name, note: notePresence(contract, child) }];
      }
      const isLast = index === children.length - 1;
      const below = indent + (isLast ? "   " : "│  ");
      return rowsBelow(contract, child, indent + (isLast ? "└─ " : "├─ "), below);
    }),
  ];
}

/** What is counted and measured besides the spans, where a contract has any. */
function metricSection({ metrics = {} }: Contract): string[] {
  const all = Object.values(metrics);
  if (all.length === 0) {
    return [];
  }
  return [
    "## Metrics",
    "",
    "From the timestamps and values of the spans. In Prometheus each has the name in the third column,",
    "however it came there.",
    "",
    ...table(
      ["name", "in code", "in Prometheus", "instrument", "unit", "meaning", "labels", "convention"],
      all.map((metric) => [
        code(metric.name),
        code(metric.identifier),
        code(prometheusName(metric)),
        metric.instrument.replace("-", " "),
        code(metric.unit),
        formatMeaning(metric),
        codes(Object.values(metric.attributes).map(({ key }) => key)),
        code(metric.semconv?.key),
      ]),
    ),
    "",
    ...table(
      ["histogram", "upper bounds of its buckets"],
      all.flatMap(({ name, buckets }) =>
        buckets === undefined ? [] : [[code(name), buckets.join(" ")]],
      ),
    ),
    "",
  ];
}

/** A table. A cell may hold anything but a line break. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => "---"), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`,
  );
}

/** A word of code, or nothing for nothing. */
function code(text: string | undefined): string {
  return text === undefined ? "" : `\`${text}\``;
}

/** Words of code with commas between them. */
function codes(texts: readonly unknown[]): string {
  return texts.map((text) => code(String(text))).join(", ");
}
