import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Stream, connect } from "node:http2";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import { encodeProtobuf } from "../testing/encode-protobuf.ts";
import { type ReceiverUnderTest, startReceiverUnderTest } from "../testing/receiver-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { grpcMethod } from "./protocol.ts";

/** gRPC spoken by hand: what its own client never says. */

let receiver: ReceiverUnderTest;

before(async () => {
  receiver = await startReceiverUnderTest();
});
beforeEach(() => receiver.reset());
after(() => receiver.close());

interface Answer {
  readonly http: number;
  /** Undefined for an answer that is none of gRPC's. */
  readonly status: number | undefined;
  readonly message: string;
}

async function call(
  write: (stream: ClientHttp2Stream) => void,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const session = connect(`http://127.0.0.1:${receiver.grpcPort}`);
  try {
    const stream = session.request({
      ":method": "POST",
      ":path": grpcMethod,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let trailers: Record<string, unknown> = {};
    stream.on("trailers", (got) => {
      trailers = got;
    });
    write(stream);
    const [response] = await once(stream, "response");
    stream.resume();
    await once(stream, "close");
    const told = { ...response, ...trailers } as Record<string, unknown>;
    const status = told["grpc-status"];
    return {
      http: Number(response[":status"]),
      status: status === undefined ? undefined : Number(status),
      message: decodeURIComponent(String(told["grpc-message"] ?? "")),
    };
  } finally {
    session.close();
  }
}

function framed(message: Buffer, packing = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = packing;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

const body = encodeProtobuf([sampleSpan()]);
const sendWhole = (stream: ClientHttp2Stream) => stream.end(framed(body));

test("a message may come in any pieces", async () => {
  const { status } = await call((stream) => {
    const pieces = Readable.from(Array.from(framed(body), (byte) => Buffer.from([byte])));
    pieces.pipe(stream);
  });
  assert.equal(status, 0);
  assert.deepEqual(receiver.received, [sampleSpan()]);
});

test("other methods, kinds of content and packings are refused, as gRPC says it", async () => {
  const wrong = await call(sendWhole, { ":path": "/other.Service/Method" });
  assert.deepEqual([wrong.http, wrong.status], [200, 12]);
  assert.match(wrong.message, /There is only \/opentelemetry/);
  assert.equal((await call(sendWhole, { ":method": "PUT" })).status, 12);
  assert.equal((await call(sendWhole, { "grpc-encoding": "snappy" })).status, 12);
  const noGrpc = await call(sendWhole, { "content-type": "application/json" });
  assert.deepEqual([noGrpc.http, noGrpc.status], [415, undefined]);
  assert.equal((await call(sendWhole, { "content-type": "application/grpc+proto" })).status, 0);
  assert.equal((await call(sendWhole, { "content-type": "application/grpc-web" })).http, 415);
  assert.equal(receiver.received.length, 1);
});

test("a packing may be named in any case, and identity is none", async () => {
  const packed = framed(gzipSync(body), 1);
  for (const encoding of ["gzip", "GZIP", "x-gzip"]) {
    const { status } = await call((stream) => stream.end(packed), { "grpc-encoding": encoding });
    assert.equal(status, 0, encoding);
  }
  const deflated = framed(deflateSync(body), 1);
  const answer = await call((stream) => stream.end(deflated), { "grpc-encoding": "Deflate" });
  assert.equal(answer.status, 0);
  assert.equal((await call(sendWhole, { "grpc-encoding": "Identity" })).status, 0);
  assert.equal((await call(sendWhole, { "content-type": "Application/gRPC ; a=b" })).status, 0);
  assert.equal(receiver.received.length, 6);
});

test("what is not one whole message is malformed", async () => {
  const gzip = { "grpc-encoding": "gzip" };
  const packed = gzipSync(body);
  const malformed: [Buffer, Record<string, string>?][] = [
    [Buffer.alloc(0)],
    [framed(body).subarray(0, 3)],
    [framed(body).subarray(0, -1)],
    [Buffer.concat([framed(body), framed(body)])],
    [Buffer.concat([framed(body), Buffer.from([0])])],
    [framed(packed, 1)],
    [framed(packed, 7), gzip],
    [framed(body, 1), gzip],
    [framed(packed.subarray(0, -9), 1), gzip],
    [framed(packed, 0), gzip],
  ];
  for (const [bytes, headers] of malformed) {
    const { status, message } = await call((stream) => stream.end(bytes), headers);
    assert.equal(status, 3, message);
  }
  assert.deepEqual(receiver.received, []);
  assert.equal((await call((stream) => stream.end(framed(packed, 1)), gzip)).status, 0);
  assert.equal((await call(sendWhole, gzip)).status, 0, "a message that is not packed");
  assert.equal(receiver.received.length, 2);
});

test("an announced length that is too large is refused before it comes", async () => {
  const prefix = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]);
  const { status, message } = await call((stream) => stream.write(prefix));
  assert.equal(status, 8);
  assert.match(message, /larger than 200000 bytes/);
});

test("a client that gives a call up leaves no room taken", async () => {
  for (let time = 0; time < 5; time += 1) {
    const session = connect(`http://127.0.0.1:${receiver.grpcPort}`);
    const stream = session.request({
      ":method": "POST",
      ":path": grpcMethod,
      "content-type": "application/grpc",
    });
    stream.on("error", () => {});
    await new Promise((resolve) =>
      stream.write(framed(Buffer.alloc(190_000)).subarray(0, -1), resolve),
    );
    session.destroy();
  }
  const large = encodeProtobuf([sampleSpan({ name: "x".repeat(190_000) })]);
  for (let left = 50; left > 0; left -= 1) {
    if ((await call((stream) => stream.end(framed(large)))).status === 0) {
      return;
    }
  }
  assert.fail("there was never room again");
});
