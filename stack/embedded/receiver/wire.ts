import protobuf from "protobufjs/minimal.js";
import { PartBudget } from "./part-budget.ts";

/** protobufjs's reader of the wire format, and what is read with it alike in every message. */
export type Reader = InstanceType<typeof protobuf.Reader> & { readonly budget: PartBudget };

/** Wire types. A field is known by its number times 8 plus its wire type. */
export const varint = 0;
export const eightBytes = 1;
export const delimited = 2;
export const fourBytes = 5;

export function readerOf(body: Buffer, budget = new PartBudget()): Reader {
  return Object.assign(protobuf.Reader.create(body), { budget });
}

/** Calls `read` for each field up to `end`; it reads the field, or returns false to pass it over. */
export function readFields(reader: Reader, end: number, read: (tag: number) => boolean): void {
  while (reader.pos < end) {
    const tag = reader.tag();
    if (!read(tag)) {
      skipField(reader, tag);
    }
  }
  requireEnd(reader, end);
}

export function skipField(reader: Reader, tag: number): void {
  reader.skipType(tag & 7, 0, tag >>> 3);
}

/** @throws RangeError when what was read goes beyond the end of its message. */
export function requireEnd(reader: Reader, end: number): void {
  if (reader.pos !== end) {
    throw new RangeError("a field is longer than the message that it is in");
  }
}

/** Where the message that comes next ends. It is one part more. */
export function endOfMessage(reader: Reader): number {
  reader.budget.take(1);
  const length = reader.size();
  return reader.pos + length;
}

/** Bytes as hexadecimal digits, however many there are. */
export function readHex(reader: Reader): string {
  const length = reader.size();
  const start = reader.pos;
  reader.skip(length);
  return (reader.buf as Buffer).toString("hex", start, reader.pos);
}

export function readFixed64(reader: Reader): bigint {
  const start = reader.pos;
  reader.skip(8);
  return (reader.buf as Buffer).readBigUInt64LE(start);
}

export function readInt64(reader: Reader): bigint {
  const { low, high } = reader.int64();
  // Nearly all numbers are small, and a number is made a bigint faster than two halves are.
  return high === 0 ? BigInt(low >>> 0) : (BigInt(high) << 32n) | BigInt(low >>> 0);
}
