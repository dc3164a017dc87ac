import { createGunzip, createInflate } from "node:zlib";
import { ReceiverError, tooLarge } from "./receiver-error.ts";

/** What a body may be packed with; `deflate` is zlib's form, as HTTP and gRPC mean it. */
const unpackers = { gzip: createGunzip, deflate: createInflate } as const;
export type Coding = keyof typeof unpackers;
export const knownCodings = [...Object.keys(unpackers), "identity"];

/** Nobody packs more often, and each time is another pass over all bytes. */
const mostCodings = 2;
const chunkSize = 64 * 1024;

/**
 * Reads a header that names codings in the order in which they were applied, in any case: RFC 9110,
 * 8.4. `x-gzip` is gzip, and `identity` is nothing.
 * @returns Undefined when one of them is not known.
 */
export function parseCodings(header: string | readonly string[] | undefined): Coding[] | undefined {
  const names = String(header ?? "")
    .split(",")
    .map((name) =>
      name
        .trim()
        .toLowerCase()
        .replace(/^x-(?=gzip$)/, ""),
    )
    .filter((name) => name !== "" && name !== "identity");
  return names.length <= mostCodings && names.every(isCoding) ? names : undefined;
}

function isCoding(name: string): name is Coding {
  return Object.hasOwn(unpackers, name);
}

/**
 * Unpacks a body bit by bit, so that a small one that unpacks to a large one is given up in time.
 * @param grow Is told of each piece before it is kept, and may throw.
 * @throws ReceiverError `malformed` or `too_large`, or what `grow` throws.
 */
export async function unpack(
  body: Buffer,
  codings: readonly Coding[],
  maxBytes: number,
  grow: (by: number) => void,
): Promise<Buffer> {
  let unpacked = body;
  for (const coding of codings.toReversed()) {
    unpacked = await unpackOne(unpacked, coding, maxBytes, grow);
  }
  return unpacked;
}

async function unpackOne(
  body: Buffer,
  coding: Coding,
  maxBytes: number,
  grow: (by: number) => void,
): Promise<Buffer> {
  const unpacker = unpackers[coding]({ chunkSize });
  const chunks: Buffer[] = [];
  let bytes = 0;
  unpacker.end(body);
  try {
    for await (const chunk of unpacker as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw tooLarge(maxBytes);
      }
      grow(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof ReceiverError
      ? error
      : new ReceiverError("malformed", {
          fault: `The body is not the ${coding} that it is said to be.`,
        });
  }
  return Buffer.concat(chunks);
}
