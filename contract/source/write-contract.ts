import type { Outcome } from "../define/contract.ts";
import {
  Call,
  type Code,
  Entry,
  listCalls,
  type Member,
  Name,
  printCode,
  printComment,
  printEntry,
  Shape,
} from "./code.ts";
import type {
  AttributeSource,
  Commented,
  ContractSource,
  LogEventSource,
  MetricSource,
  SpanSource,
} from "./contract-source.ts";

/** Writes a contract as a person would: a file of TypeScript, formatted as this project's are. */
export function writeContract(
  source: ContractSource,
  { from = "miniserve/contract" }: { readonly from?: string } = {},
): string {
  const parts: readonly Part[] = [
    ["attributes", attributeRecord(source.attributes)],
    ["resource", resource(source)],
    ["spans", tree("defineSpanTree", "attributes", source.spans, spanCall)],
    ...metrics(source),
    ...logs(source),
  ];
  const whole = contract(source);
  const functions = new Set([...parts.map(([, code]) => code), whole].flatMap(listCalls));
  const imported = [...functions].sort((one, other) => compareNames(one, other));
  return `${[
    [...printComment(source.comment ?? [], ""), printImport(imported, from)].join("\n"),
    ...parts.map(([name, code]) => printCode(code, `const ${name} = `, ";")),
    `/** ${source.brief.replaceAll("*/", "* /")} */\n${printCode(whole, `export const ${source.name} = `, ";")}`,
  ].join("\n\n")}\n`;
}

/** As the formatter sorts them. */
function compareNames(one: string, other: string): number {
  const [left, right] = [one.toLowerCase(), other.toLowerCase()];
  return left < right ? -1 : Number(left > right);
}

function printImport(names: readonly string[], from: string): string {
  const flat = `import { ${names.join(", ")} } from ${JSON.stringify(from)};`;
  return flat.length <= 100
    ? flat
    : `import {\n${names.map((name) => `  ${name},\n`).join("")}} from ${JSON.stringify(from)};`;
}

function attributeRecord(
  attributes: Readonly<Record<string, AttributeSource>>,
  inherited?: string,
): Call {
  return new Call("defineAttributes", record(attributes, attributeCall, inherited));
}

/** A record with a line or more for each entry, and what is said about it above it. */
function record<Source extends Commented>(
  sources: Readonly<Record<string, Source>>,
  toCode: (source: Source) => Code,
  inherited?: string,
): Shape {
  const members = Object.entries(sources).map(([key, source]) => member(key, source, toCode));
  const spread =
    inherited === undefined ? [] : [{ key: `...${inherited}`, code: new Name(`...${inherited}`) }];
  return new Shape([...spread, ...members], { isOpen: members.length > 0 });
}

function member<Source extends Commented>(
  key: string,
  source: Source,
  toCode: (source: Source) => Code,
): Member {
  const { section, comment } = source;
  return {
    key,
    code: toCode(source),
    ...(section === undefined ? {} : { section }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** The lines that declare an attribute in a contract's file. */
export function writeAttribute(identifier: string, source: AttributeSource): string[] {
  return printEntry(member(identifier, source, attributeCall), "  ");
}

/** The lines that declare a span in a contract's file. */
export function writeSpan(identifier: string, source: SpanSource): string[] {
  return printEntry(member(identifier, source, spanCall), "  ");
}

/** What is declared of an entry, with a sentence above a property that has one. */
function description(
  properties: Readonly<Record<string, unknown>>,
  { comment, notes = {} }: Commented,
): Shape {
  const members = Object.entries(properties).map(([key, value]) => ({
    key,
    code: value as Code,
    ...(notes[key] === undefined ? {} : { comment: [notes[key]] }),
  }));
  // Under a comment, a line each reads better.
  return new Shape(members, { isOpen: comment !== undefined });
}

function attributeCall({ type, key, values, ...source }: AttributeSource): Call {
  const {
    section: _,
    comment: __,
    notes: ___,
    examples,
    brief,
    unit,
    min,
    max,
    pattern,
    ...rest
  } = source;
  const isClosed = values !== undefined || type === "boolean";
  const properties = {
    brief,
    ...(isClosed ? {} : { unit, min, max, pattern, examples }),
    ...rest,
  };
  const described = description(properties, source);
  return values === undefined
    ? new Call(type, key, described)
    : new Call("oneOf", key, values, described);
}

function resource({ resource: { attributes, instance, ...rest } }: ContractSource): Call {
  return new Call(
    "defineResource",
    new Shape(
      [
        { key: "attributes", code: attributeRecord(attributes) },
        { key: "serviceName", code: rest.serviceName },
        ...(instance === undefined ? [] : [member("instance", instance, attributeCall)]),
        { key: "defaults", code: rest.defaults },
      ],
      { isOpen: true },
    ),
  );
}

function tree<Source extends Commented>(
  define: string,
  attributes: string,
  sources: Readonly<Record<string, Source>>,
  toCode: (source: Source) => Code,
): Call {
  return new Call(define, new Name(attributes), record(sources, toCode));
}

function spanCall({ name, ...source }: SpanSource): Call {
  const { section: _, comment: __, notes: ___, ...properties } = source;
  return new Call("span", name, description(properties, source));
}

const instrumentCalls = {
  histogram: "histogram",
  counter: "counter",
  "observable-counter": "observableCounter",
  gauge: "gauge",
} as const satisfies Record<MetricSource["instrument"], string>;

function metricCall({ name, instrument, ...source }: MetricSource): Call {
  const { section: _, comment: __, notes: ___, ...properties } = source;
  return new Call(instrumentCalls[instrument], name, description(properties, source));
}

function logEventCall({ name, ...source }: LogEventSource): Call {
  const { section: _, comment: __, notes: ___, ...properties } = source;
  return new Call("logEvent", name, description(properties, source));
}

type Part = readonly [name: string, code: Code];

function metrics({ metrics: sources }: ContractSource): Part[] {
  return isEmpty(sources)
    ? []
    : [["metrics", tree("defineMetrics", "attributes", sources, metricCall)]];
}

function logs({ logFields, logEvents }: ContractSource): Part[] {
  if (isEmpty(logEvents)) {
    return [];
  }
  const fields: Part[] = isEmpty(logFields)
    ? []
    : [["logFields", attributeRecord(logFields, "attributes")]];
  const known = fields.length === 0 ? "attributes" : "logFields";
  return [...fields, ["logEvents", tree("defineLogEvents", known, logEvents, logEventCall)]];
}

function isEmpty(sources: object | undefined): sources is undefined {
  return sources === undefined || Object.keys(sources).length === 0;
}

function contract(source: ContractSource): Call {
  const members = {
    tracerName: source.tracerName,
    resource: new Name("resource"),
    attributes: new Name("attributes"),
    spans: new Name("spans"),
    metrics: isEmpty(source.metrics) ? undefined : new Name("metrics"),
    logEvents: isEmpty(source.logEvents) ? {} : new Name("logEvents"),
    failures: source.failures,
    undeclared: source.undeclared?.map(({ name, reason }) =>
      reason === undefined ? name : new Entry(name, [reason]),
    ),
    outcomes: outcomes(source),
    invariants: (source.invariants ?? []) as unknown as Code,
  };
  const { notes = {} } = source;
  const listed = Object.entries(members).map(([key, code]) => ({
    key,
    code,
    ...(notes[key] === undefined ? {} : { comment: [notes[key]] }),
  }));
  return new Call("defineContract", new Shape(listed, { isOpen: true }));
}

function outcomes({ outcomes: declared }: ContractSource): Shape | undefined {
  return (
    declared &&
    new Shape([
      { key: "attribute", code: declared.attribute },
      { key: "byName", code: record(declared.byName, outcomeShape) },
    ])
  );
}

function outcomeShape(source: Outcome & Commented): Shape {
  const { section: _, comment: __, notes: ___, ...properties } = source;
  return description(properties, source);
}

/** Words that a constant cannot be called, and those that the file uses itself. */
const reserved: ReadonlySet<string> = new Set([
  ...["boolean", "counter", "double", "gauge", "histogram", "int", "logEvent", "oneOf", "span"],
  ...["string", "attributes", "resource", "spans", "metrics", "logFields", "logEvents"],
  ...["defineAttributes", "defineContract", "defineLogEvents", "defineMetrics"],
  ...["defineResource", "defineSpanTree", "observableCounter"],
  ..."break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield await".split(
    " ",
  ),
]);

/** What the constant of a service's file may be called. */
export function constantName(identifier: string): string {
  return reserved.has(identifier) ? `${identifier}Contract` : identifier;
}

/** A wire name as an identifier that is not taken yet: `http.status_code` → `httpStatusCode`. */
export function identifierOf(wireName: string, taken: ReadonlySet<string>): string {
  const words = wireName.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const [first = "name", ...others] = words;
  const joined = [
    first === first.toUpperCase() ? first.toLowerCase() : first[0]?.toLowerCase() + first.slice(1),
    ...others.map((word) => word[0]?.toUpperCase() + word.slice(1)),
  ].join("");
  const identifier = /^[A-Za-z]/.test(joined) ? joined : `of${joined}`;
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? identifier : `${identifier}${number}`;
    if (!taken.has(candidate)) {
      return candidate;
    }
  }
}
