import { constants, type ServerHttp2Stream } from "node:http2";
import { encodeStatus, type Status } from "./protocol.ts";

const common = { ":status": 200, "content-type": "application/grpc+proto" } as const;
const acceptEncoding = { "grpc-accept-encoding": "identity,gzip,deflate" } as const;

/** Ends a call well, with its one message. */
export function answerCall(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.closed) {
    return;
  }
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.respond({ ...common, ...acceptEncoding }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.concat([prefix, message]));
}

/** How long a client may go on sending what nobody wants. */
const lingerMs = 1_000;

/** Ends a call with a status alone, and keeps nothing more of what is still sent. */
export function refuseCall(stream: ServerHttp2Stream, status: Status): void {
  if (stream.destroyed || stream.closed) {
    return;
  }
  stream.respond(
    {
      ...common,
      ...acceptEncoding,
      "grpc-status": String(status.code),
      "grpc-message": percentEncoded(status.message),
      "grpc-status-details-bin": encodeStatus(status).toString("base64"),
    },
    { endStream: true },
  );
  // To reset the stream now would overtake the answer. What comes until then is let go.
  stream.resume();
  const closing = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), lingerMs).unref();
  stream.once("close", () => clearTimeout(closing));
}

/** gRPC's messages are ASCII, with a percent sign before what is not. */
function percentEncoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}
