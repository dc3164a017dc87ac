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
    value: readValue(reader, object.value ?? {}, `${path}.value`, depth),
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

/** Values that nest deeper are refused, about where protobuf's own parsers stop. */
const maxDepth = 64;

function readValue(reader: JsonReader, entry: unknown, path: string, depth: number): Value {
  const object = reader.object(entry, path);
  const present = valueMembers.filter((name) => (object[name] ?? undefined) !== undefined);
  const [member] = present;
  if (present.length > 1) {
    reader.fault(path, `${present.length} of them`, `one of ${valueMembers.join(", ")}`);
  }
  if (member === undefined) {
    const known: readonly string[] = valueMembers;
    if (Object.keys(object).some((name) => !known.includes(name))) {
      reader.fault(path, "another member", `one of ${valueMembers.join(", ")}`);
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
  if (depth === maxDepth) {
    reader.fault(path, "another level", `at most ${maxDepth} levels of values in values`);
    return [];
  }
  const object = reader.object(entry, path);
  return reader
    .list(object.values, `${path}.values`)
    .map(([item, at]) => read(reader, item, at, depth + 1));
}
