import type { KeyValue, Value } from "#contract";
import {
  delimited,
  eightBytes,
  endOfMessage,
  type Reader,
  readFields,
  readInt64,
  varint,
} from "./wire.ts";

/** How deep arrays and maps may lie in each other. Protobuf's readers give up at such depths too. */
export const nestingLimit = 50;

/** What resource, scope, span, event and link have in common, while it is read. */
export type Attributed = { attributes: KeyValue[]; droppedAttributesCount: number };

export function attributed(): Attributed {
  return { attributes: [], droppedAttributesCount: 0 };
}

/** Reads either of those two fields; they have other numbers in each message. */
export function readAttributed(
  reader: Reader,
  tag: number,
  owner: Attributed,
  attributesField: number,
  droppedField: number,
): boolean {
  if (tag === attributesField * 8 + delimited) {
    owner.attributes.push(readKeyValue(reader, 0));
    return true;
  }
  if (tag === droppedField * 8 + varint) {
    owner.droppedAttributesCount = reader.uint32();
    return true;
  }
  return false;
}

function readKeyValue(reader: Reader, depth: number): KeyValue {
  let key = "";
  let value: Value = { type: "empty" };
  readFields(reader, endOfMessage(reader), (tag) => {
    switch (tag) {
      case 1 * 8 + delimited:
        key = reader.stringVerify();
        return true;
      case 2 * 8 + delimited:
        value = readValue(reader, depth);
        return true;
      default:
        return false;
    }
  });
  return { key, value };
}

function readValue(reader: Reader, depth: number): Value {
  if (depth > nestingLimit) {
    throw new RangeError(`values lie more than ${nestingLimit} deep in each other`);
  }
  let value: Value = { type: "empty" };
  readFields(reader, endOfMessage(reader), (tag) => {
    switch (tag) {
      case 1 * 8 + delimited:
        value = { type: "string", value: reader.stringVerify() };
        return true;
      case 2 * 8 + varint:
        value = { type: "bool", value: reader.bool() };
        return true;
      case 3 * 8 + varint:
        value = { type: "int", value: readInt64(reader) };
        return true;
      case 4 * 8 + eightBytes:
        value = { type: "double", value: reader.double() };
        return true;
      case 5 * 8 + delimited:
        value = { type: "array", value: readMembers(reader, depth + 1, readValue) };
        return true;
      case 6 * 8 + delimited:
        value = { type: "map", value: readMembers(reader, depth + 1, readKeyValue) };
        return true;
      case 7 * 8 + delimited:
        // A copy, because the bytes lie within the whole request, which would be kept with them.
        value = { type: "bytes", value: Uint8Array.from(reader.bytes()) };
        return true;
      default:
        return false;
    }
  });
  return value;
}

function readMembers<Item>(
  reader: Reader,
  depth: number,
  read: (reader: Reader, depth: number) => Item,
): Item[] {
  const items: Item[] = [];
  readFields(reader, endOfMessage(reader), (tag) => {
    if (tag !== 1 * 8 + delimited) {
      return false;
    }
    items.push(read(reader, depth));
    return true;
  });
  return items;
}
