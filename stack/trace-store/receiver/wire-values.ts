import { type KeyValue, nestingLimit, type Value } from "#contract";
import {
  delimited,
  eightBytes,
  fieldNumbers,
  type Reader,
  readFields,
  readInt64,
  readMessageEnd,
  readString,
  requireEnd,
  skipUnknown,
  varint,
} from "./wire.ts";

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

/** There are a dozen of these in a span: so they are read in plain loops, without a function for each. */
function readKeyValue(reader: Reader, depth: number): KeyValue {
  let key = "";
  let value = empty;
  const end = readMessageEnd(reader);
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === 1 * 8 + delimited) {
      key = readText(reader);
    } else if (tag === 2 * 8 + delimited) {
      value = readValue(reader, depth);
    } else {
      skipUnknown(reader, tag, keyValueFields);
    }
  }
  requireEnd(reader, end);
  return { key, value };
}

const empty: Value = { type: "empty" };
const keyValueFields = fieldNumbers(1, 2);
const valueFields = fieldNumbers(1, 2, 3, 4, 5, 6, 7);
const membersFields = fieldNumbers(1);

function readValue(reader: Reader, depth: number): Value {
  let value = empty;
  const end = readMessageEnd(reader);
  if (depth > nestingLimit) {
    reader.reading.outcomes.push("nesting_cut");
    reader.pos = end;
    return value;
  }
  while (reader.pos < end) {
    const tag = reader.tag();
    const read = readValueField(reader, tag, depth);
    if (read === undefined) {
      skipUnknown(reader, tag, valueFields);
    } else {
      value = read;
    }
  }
  requireEnd(reader, end);
  return value;
}

/** Undefined, with nothing read, when the field is not known. */
function readValueField(reader: Reader, tag: number, depth: number): Value | undefined {
  switch (tag) {
    case 1 * 8 + delimited:
      return { type: "string", value: readText(reader) };
    case 2 * 8 + varint:
      return { type: "bool", value: reader.bool() };
    case 3 * 8 + varint:
      return { type: "int", value: readInt64(reader) };
    case 4 * 8 + eightBytes:
      return { type: "double", value: reader.double() };
    case 5 * 8 + delimited:
      return { type: "array", value: readMembers(reader, depth + 1, readValue) };
    case 6 * 8 + delimited:
      return { type: "map", value: readMembers(reader, depth + 1, readKeyValue) };
    case 7 * 8 + delimited:
      // A copy, because the bytes lie within the whole request, which would be kept with them.
      return { type: "bytes", value: Uint8Array.from(reader.bytes()) };
    default:
      return undefined;
  }
}

function readMembers<Item>(
  reader: Reader,
  depth: number,
  read: (reader: Reader, depth: number) => Item,
): Item[] {
  const items: Item[] = [];
  readFields(reader, readMessageEnd(reader), membersFields, (tag) => {
    if (tag !== 1 * 8 + delimited) {
      return false;
    }
    items.push(read(reader, depth));
    return true;
  });
  return items;
}

/** Keys, names and short values; longer texts are rarely the same twice. */
const longestBytes = 32;
const cacheSlots = 2048;

interface CachedString {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const stringCache = new Array<CachedString | undefined>(cacheSlots).fill(undefined);

/**
 * Reads a text. Nearly all short ones were there before, and to compare bytes is faster than to
 * check and decode them; whoever looks the text up later gains too, from the same string object.
 * @throws Error when the bytes end too early.
 */
export function readText(reader: Reader): string {
  const lengthAt = reader.pos;
  const length = reader.size();
  const start = reader.pos;
  const end = start + length;
  if (length === 0 || length > longestBytes || end > reader.len) {
    reader.pos = lengthAt;
    return readString(reader);
  }
  const place = hashSlot(reader.buf, start, end);
  const found = stringCache[place];
  if (found !== undefined && isSame(found.bytes, reader.buf, start, end)) {
    reader.pos = end;
    return found.text;
  }
  reader.pos = lengthAt;
  const text = readString(reader);
  stringCache[place] = { bytes: Uint8Array.prototype.slice.call(reader.buf, start, end), text };
  return text;
}

function hashSlot(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] as number), 16_777_619);
  }
  return (hash ^ (hash >>> 15)) & (cacheSlots - 1);
}

function isSame(knownBytes: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (knownBytes.length !== end - start) {
    return false;
  }
  for (let index = 0; index < knownBytes.length; index += 1) {
    if (knownBytes[index] !== bytes[start + index]) {
      return false;
    }
  }
  return true;
}
