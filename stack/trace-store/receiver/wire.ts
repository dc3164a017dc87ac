import protobuf from "protobufjs/minimal.js";
import { Reading } from "./outcomes.ts";
import { ReceiverError } from "./receiver-error.ts";

/** protobufjs's reader of the wire format, and what is read with it alike in every message. */
export type Reader = InstanceType<typeof protobuf.Reader> & { readonly reading: Reading };

/** Wire types. A field is known by its number times 8 plus its wire type. */
export const varint = 0;
export const eightBytes = 1;
export const delimited = 2;
export const fourBytes = 5;

export function createReader(body: Buffer, reading = new Reading()): Reader {
  return Object.assign(protobuf.Reader.create(body), { reading });
}

/** The numbers of a message's fields, a bit each. */
type FieldNumbers = number;

export function fieldNumbers(...numbers: readonly number[]): FieldNumbers {
  return numbers.reduce((bits, number) => bits | (1 << number), 0);
}

/**
 * Calls `read` for each field up to `end`; it reads the field, or returns false where it does not
 * know the tag.
 * @throws RangeError when that is a field of the message with another type than its own.
 */
export function readFields(
  reader: Reader,
  end: number,
  known: FieldNumbers,
  read: (tag: number) => boolean,
): void {
  while (reader.pos < end) {
    const tag = reader.tag();
    if (!read(tag)) {
      skipUnknown(reader, tag, known);
    }
  }
  requireEnd(reader, end);
}

/** Passes over a field that this version does not know, as protobuf asks. */
export function skipUnknown(reader: Reader, tag: number, known: FieldNumbers): void {
  const field = tag >>> 3;
  if (field < 32 && ((known >>> field) & 1) === 1) {
    throw new RangeError(`the field ${field} has another type than its own`);
  }
  reader.skipType(tag & 7, 0, field);
}

/**
 * Reads a message that may be damaged without harm to what follows: no read goes beyond its end, and
 * the next begins there.
 * @returns Whether it could be read.
 */
export function readBounded(reader: Reader, read: (end: number) => void): boolean {
  const end = readMessageEnd(reader);
  const lengthAround = reader.len;
  reader.len = end;
  try {
    read(end);
    return true;
  } catch (error) {
    if (error instanceof ReceiverError) {
      throw error;
    }
    return false;
  } finally {
    reader.len = lengthAround;
    reader.pos = end;
  }
}

/** @throws RangeError when what was read goes beyond the end of its message. */
export function requireEnd(reader: Reader, end: number): void {
  if (reader.pos !== end) {
    throw new RangeError("a field is longer than the message that it is in");
  }
}

/** Where the message that comes next ends. It is one part more. */
export function readMessageEnd(reader: Reader): number {
  reader.reading.budget.take(1);
  return readLengthEnd(reader);
}

/** @throws RangeError when that is beyond the end of what it is in. */
function readLengthEnd(reader: Reader): number {
  const length = reader.size();
  const end = reader.pos + length;
  if (end > reader.len) {
    throw new RangeError("a field is longer than what it is in");
  }
  return end;
}

/** A text, in which what is not UTF-8 is marked. */
export function readString(reader: Reader): string {
  const start = reader.pos;
  try {
    return reader.stringVerify();
  } catch {
    reader.pos = start;
    const end = readLengthEnd(reader);
    const text = decodeText(reader.buf.subarray(reader.pos, end));
    reader.pos = end;
    return text;
  }
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

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const loose = new TextDecoder("utf-8", { ignoreBOM: true });
const replacement = 0xfffd;
/** Half of a surrogate pair, which no text has that was sent as UTF-8. */
const mark = 0xdfff;

/**
 * Bytes as a text. What is not UTF-8 becomes half of a surrogate pair, as it may stand in JSON too, so
 * that whoever takes the text knows that it was not as it should be: see span-texts.ts.
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return marked(loose.decode(bytes));
  }
}

/** With a loop, because there may be millions: a replacement that was sent is marked as well. */
function marked(text: string): string {
  const bytes = Buffer.from(text, "utf16le");
  const units = new Uint16Array(bytes.buffer, bytes.byteOffset, text.length);
  for (let index = 0; index < units.length; index += 1) {
    if (units[index] === replacement) {
      units[index] = mark;
    }
  }
  return bytes.toString("utf16le");
}
