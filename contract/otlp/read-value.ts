import type { JsonReader } from "./json-reader.ts";
import type { KeyValue, Value } from "./span.ts";

interface Attributed {
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
}

/** What resources, scopes, spans, events and links have in common. */
export function readAttributed(reader: JsonReader, entry: unknown, path: string): Attributed {
  const object = reader.object(entry ?? {}, path);
  return {
    attributes: reader
      .list(object.attributes, `${path}.attributes`)
      .map(([item, itemPath]) => readKeyValue(reader, item, itemPath)),
    droppedAttributesCount: reader.count(
      object.droppedAttributesCount,
      `${path}.droppedAttributesCount`,
    ),
  };
}

function readKeyValue(reader: JsonReader, entry: unknown, path: string, depth = 0): KeyValue {
  const object = reader.object(entry, path);
  return {
    key: reader.text(object.key, `${path}.key`),
    value: readValue(reader, object.value, `${path}.value`, depth),
  };
}

const valueMembers = [
  "stringValue",
  "boolValue",
  "intValue",
  "doubleValue",
  "bytesValue",
  "arrayValue",
  "kvlistValue",
] as const;

function isValueMember(name: string): name is (typeof valueMembers)[number] {
  return (valueMembers as readonly string[]).includes(name);
}

/** How deep arrays and maps may lie in each other. Protobuf's readers give up at such depths too. */
export const nestingLimit = 50;

function readValue(reader: JsonReader, entry: unknown, path: string, depth: number): Value {
  if (depth > nestingLimit) {
    reader.mended("nesting_cut", path, "another level", `at most ${nestingLimit} of them`);
    return { type: "empty" };
  }
  const object = reader.object(entry ?? {}, path);
  const names = Object.keys(object).filter((name) => (object[name] ?? undefined) !== undefined);
  const present = names.filter(isValueMember);
  if (present.length > 1) {
    reader.ignored(path, `${present.length} of them`, `one of ${valueMembers.join(", ")}`);
  }
  // As in protobuf, where it is the last on the wire.
  const member = present.at(-1);
  if (member === undefined) {
    if (names.length > 0) {
      reader.ignored(path, "another member", `one of ${valueMembers.join(", ")}`);
    }
    return { type: "empty" };
  }
  const at = `${path}.${member}`;
  switch (member) {
    case "stringValue":
      return { type: "string", value: reader.text(object[member], at) };
    case "boolValue":
      return { type: "bool", value: reader.boolean(object[member], at) };
    case "intValue":
      return { type: "int", value: reader.integer(object[member], at, "int64") };
    case "doubleValue":
      return { type: "double", value: reader.double(object[member], at) };
    case "bytesValue":
      return { type: "bytes", value: reader.bytes(object[member], at) };
    case "arrayValue":
      return { type: "array", value: readMembers(reader, object[member], at, depth, readValue) };
    case "kvlistValue":
      return { type: "map", value: readMembers(reader, object[member], at, depth, readKeyValue) };
    default:
      return member satisfies never;
  }
}

function readMembers<Item>(
  reader: JsonReader,
  entry: unknown,
  path: string,
  depth: number,
  read: (reader: JsonReader, item: unknown, path: string, depth: number) => Item,
): Item[] {
  const object = reader.object(entry, path);
  return reader
    .list(object.values, `${path}.values`)
    .map(([item, at]) => read(reader, item, at, depth + 1));
}
