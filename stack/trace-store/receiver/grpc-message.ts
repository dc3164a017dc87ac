import type { Readable } from "node:stream";
import { ReceiverError, tooLarge } from "./receiver-error.ts";
import { type Coding, unpack } from "./unpack.ts";

export interface MessageOptions {
  /** Of the message when it is unpacked. */
  readonly maxBytes: number;
  /** What a message may be packed with; empty when it must not be. */
  readonly codings: readonly Coding[];
  /** Is told of bytes before they are kept, and may throw. */
  readonly grow: (by: number) => void;
}

/** One byte says whether the message is packed, four how long it is. */
const prefixBytes = 5;

/**
 * The one message that a call without streaming has.
 * @throws ReceiverError when it is too large, not whole, or not alone; or what `grow` throws.
 */
export async function readMessage(stream: Readable, options: MessageOptions): Promise<Buffer> {
  const { maxBytes, grow } = options;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let expected: number | undefined;
  // The stream must not be destroyed with the loop: it has to carry the answer.
  const iterator: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
  for await (const chunk of iterator) {
    bytes += chunk.length;
    grow(chunk.length);
    chunks.push(chunk);
    expected ??= bytes < prefixBytes ? undefined : prefixBytes + lengthOf(chunks);
    if (expected !== undefined && expected - prefixBytes > maxBytes) {
      throw tooLarge(maxBytes);
    }
    if (bytes > (expected ?? prefixBytes)) {
      throw new ReceiverError("malformed", "The call holds more than the one message it is for.");
    }
  }
  if (expected === undefined || bytes < expected) {
    throw new ReceiverError("malformed", "The call ended before its message did.");
  }
  const whole = Buffer.concat(chunks);
  return await unpacked(whole.readUInt8(0), whole.subarray(prefixBytes), options);
}

function lengthOf(chunks: readonly Buffer[]): number {
  const [first] = chunks;
  const start = first !== undefined && first.length >= prefixBytes ? first : Buffer.concat(chunks);
  return start.readUInt32BE(1);
}

async function unpacked(
  packing: number,
  message: Buffer,
  { maxBytes, codings, grow }: MessageOptions,
): Promise<Buffer> {
  if (packing === 0) {
    return message;
  }
  if (packing !== 1 || codings.length === 0) {
    throw new ReceiverError(
      "malformed",
      "The message is packed in a way that the call does not name.",
    );
  }
  return await unpack(message, codings, maxBytes, grow);
}
