import { createGunzip } from "node:zlib";
import { ReceiverError, tooLarge } from "./receiver-error.ts";

const chunkSize = 64 * 1024;

/**
 * Unpacks gzip bit by bit, so that a small body that unpacks to a large one is given up in time.
 * @param grow Is told of each piece before it is kept, and may throw.
 * @throws ReceiverError `malformed` or `too_large`, or what `grow` throws.
 */
export async function unpack(
  body: Buffer,
  maxBytes: number,
  grow: (by: number) => void,
): Promise<Buffer> {
  const gunzip = createGunzip({ chunkSize });
  const chunks: Buffer[] = [];
  let bytes = 0;
  gunzip.end(body);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
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
      : new ReceiverError("malformed", "The body is not the gzip that it is said to be.");
  }
  return Buffer.concat(chunks);
}
