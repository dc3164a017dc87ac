import { type Reader, readString } from "./wire.ts";

/** Keys, names and short values; longer texts are rarely the same twice. */
const longestBytes = 32;
const places = 2048;

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const known = new Array<Known | undefined>(places).fill(undefined);

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
  const place = placeOf(reader.buf, start, end);
  const found = known[place];
  if (found !== undefined && isSame(found.bytes, reader.buf, start, end)) {
    reader.pos = end;
    return found.text;
  }
  reader.pos = lengthAt;
  const text = readString(reader);
  known[place] = { bytes: Uint8Array.prototype.slice.call(reader.buf, start, end), text };
  return text;
}

function placeOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] as number), 16_777_619);
  }
  return (hash ^ (hash >>> 15)) & (places - 1);
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
