import protobuf from "protobufjs/minimal.js";

/** Fields of protobuf's wire format, put together by hand: for what no encoder writes. */

/** A field that has a length: a message of parts, a text, or bytes. */
export function delimited(field: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)),
  );
  return Buffer.from(
    protobuf.Writer.create()
      .uint32(field * 8 + 2)
      .bytes(content)
      .finish(),
  );
}

export function varint(field: number, value: number): Buffer {
  return Buffer.from(
    protobuf.Writer.create()
      .uint32(field * 8)
      .int64(value)
      .finish(),
  );
}

export function fixed64(field: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = field * 8 + 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
}

/** An attribute of a span whose value lies so deep in maps. */
export function nestedAttribute(depth: number): Buffer {
  let value = varint(2, 1);
  for (let level = 0; level < depth; level += 1) {
    value = delimited(6, delimited(1, delimited(1, "k"), delimited(2, value)));
  }
  return delimited(9, delimited(1, "deep"), delimited(2, value));
}
