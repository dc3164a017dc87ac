import { hexToBytes, toBase64 } from "./json-reader.ts";
import {
  type KeyValue,
  type Scope,
  type Span,
  spanKinds,
  statusCodes,
  type Value,
} from "./span.ts";

/**
 * `otlp` writes ids in hex and enumerations as numbers (the OTLP specification), `tempo` writes ids
 * in base64 and enumerations by name (protobuf's own JSON mapping, which Tempo's API uses).
 */
export type JsonDialect = "otlp" | "tempo";

type JsonValue = string | number | boolean | JsonValue[] | { [key: string]: JsonValue };
type JsonObject = { [key: string]: JsonValue };

/**
 * The `resourceSpans` of an OTLP document: spans grouped by resource and scope in order of first
 * appearance. Fields with protobuf's default are left out, 64-bit integers are strings.
 */
export function writeResourceSpans(spans: readonly Span[], dialect: JsonDialect): JsonObject[] {
  return groups(spans, (span) => fingerprint(span.resource)).map((ofResource) => {
    const { resource } = ofResource[0] as Span;
    return compact({
      resource: attributed(resource, dialect),
      scopeSpans: groups(ofResource, (span) => fingerprint(span.scope)).map((ofScope) => {
        const { scope } = ofScope[0] as Span;
        return compact({
          scope: writeScope(scope, dialect),
          spans: ofScope.map((span) => writeSpan(span, dialect)),
          schemaUrl: scope.schemaUrl,
        });
      }),
      schemaUrl: resource.schemaUrl,
    });
  });
}

/**
 * The text of the same, in pieces of a span each at most: thousands of spans as objects would take
 * many times the memory of the text, all at once.
 */
export function* resourceSpansText(
  spans: readonly Span[],
  dialect: JsonDialect,
): Generator<string, void> {
  let between = "";
  for (const ofResource of groups(spans, (span) => fingerprint(span.resource))) {
    const { resource } = ofResource[0] as Span;
    yield `${between}{"resource":${JSON.stringify(attributed(resource, dialect))},"scopeSpans":[`;
    between = "";
    for (const ofScope of groups(ofResource, (span) => fingerprint(span.scope))) {
      const { scope } = ofScope[0] as Span;
      yield `${between}{"scope":${JSON.stringify(writeScope(scope, dialect))},"spans":[`;
      between = "";
      for (const span of ofScope) {
        yield between + JSON.stringify(writeSpan(span, dialect));
        between = ",";
      }
      yield `]${schemaUrlText(scope.schemaUrl)}}`;
    }
    yield `]${schemaUrlText(resource.schemaUrl)}}`;
  }
}

function schemaUrlText(schemaUrl: string): string {
  return schemaUrl === "" ? "" : `,"schemaUrl":${JSON.stringify(schemaUrl)}`;
}

function writeScope(scope: Scope, dialect: JsonDialect): JsonObject {
  return compact({ name: scope.name, version: scope.version, ...attributed(scope, dialect) });
}

function writeSpan(span: Span, dialect: JsonDialect): JsonObject {
  return {
    ...compact({
      traceId: writeId(span.traceId, dialect),
      spanId: writeId(span.spanId, dialect),
      parentSpanId: span.parentSpanId === null ? "" : writeId(span.parentSpanId, dialect),
      traceState: span.traceState,
      flags: span.flags,
      name: span.name,
      kind: writeEnumeration(spanKinds, span.kind, "SPAN_KIND_", dialect),
      startTimeUnixNano: String(span.startTimeUnixNano),
      endTimeUnixNano: String(span.endTimeUnixNano),
      ...attributed(span, dialect),
      events: span.events.map((event) =>
        compact({
          timeUnixNano: String(event.timeUnixNano),
          name: event.name,
          ...attributed(event, dialect),
        }),
      ),
      droppedEventsCount: span.droppedEventsCount,
      links: span.links.map((link) =>
        compact({
          traceId: writeId(link.traceId, dialect),
          spanId: writeId(link.spanId, dialect),
          traceState: link.traceState,
          flags: link.flags,
          ...attributed(link, dialect),
        }),
      ),
      droppedLinksCount: span.droppedLinksCount,
    }),
    status: compact({
      code: writeEnumeration(statusCodes, span.status.code, "STATUS_CODE_", dialect),
      message: span.status.message,
    }),
  };
}

function attributed(
  owner: { attributes: readonly KeyValue[]; droppedAttributesCount: number },
  dialect: JsonDialect,
): JsonObject {
  return compact({
    attributes: owner.attributes.map((attribute) => writeKeyValue(attribute, dialect)),
    droppedAttributesCount: owner.droppedAttributesCount,
  });
}

function writeKeyValue(attribute: KeyValue, dialect: JsonDialect): JsonObject {
  return { key: attribute.key, value: writeValue(attribute.value, dialect) };
}

function writeValue(value: Value, dialect: JsonDialect): JsonObject {
  switch (value.type) {
    case "string":
      return { stringValue: value.value };
    case "bool":
      return { boolValue: value.value };
    case "int":
      return { intValue: String(value.value) };
    case "double":
      return { doubleValue: writeDouble(value.value) };
    case "bytes":
      return { bytesValue: toBase64(value.value) };
    case "array":
      return { arrayValue: { values: value.value.map((item) => writeValue(item, dialect)) } };
    case "map":
      return { kvlistValue: { values: value.value.map((item) => writeKeyValue(item, dialect)) } };
    case "empty":
      return {};
    default:
      return value satisfies never;
  }
}

/** JSON has no spelling for these; protobuf's mapping writes their names. Minus zero would lose its sign. */
function writeDouble(value: number): JsonValue {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : spell(value);
}

function spell(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function writeId(hex: string, dialect: JsonDialect): string {
  return dialect === "otlp" ? hex : toBase64(hexToBytes(hex));
}

function writeEnumeration(
  names: readonly string[],
  name: string,
  prefix: string,
  dialect: JsonDialect,
): JsonValue {
  const number = names.indexOf(name);
  return dialect === "otlp" || number === 0 ? number : prefix + name.toUpperCase();
}

/** Leaves out what protobuf's JSON mapping leaves out: empty strings, zeros and empty lists. */
function compact(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) => value !== "" && value !== 0 && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

function groups(spans: readonly Span[], key: (span: Span) => string): Span[][] {
  return [...Map.groupBy(spans, key).values()];
}

/** Resources and scopes that say the same are the same, also when they are not one object. */
const fingerprints = new WeakMap<object, string>();

function fingerprint(owner: object): string {
  const known = fingerprints.get(owner);
  if (known !== undefined) {
    return known;
  }
  const made = JSON.stringify(owner, (_key, value) => {
    if (typeof value === "bigint") {
      return `${value}n`;
    }
    return typeof value === "number" ? spell(value) : value;
  });
  fingerprints.set(owner, made);
  return made;
}
