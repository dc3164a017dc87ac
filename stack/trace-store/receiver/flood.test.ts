import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, constants } from "node:http2";
import { connect as connectTcp } from "node:net";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { encodeProtobuf } from "../testing/encode-protobuf.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { send } from "../testing/send.ts";
import type { IngestCounts } from "./index.ts";
import { grpcMethod } from "./protocol.ts";

const mebibyte = 1024 * 1024;
/** The bound of 128 MiB in flight, one export that is being read, and what Node leaves uncollected. */
const mostGrowthBytes = 512 * mebibyte;

interface Report {
  readonly bytes: number;
  readonly mostBytes: number;
  readonly counts: IngestCounts;
}

async function startProcess(context: TestContext) {
  const program = fileURLToPath(new URL("../testing/receiver-process.ts", import.meta.url));
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [...process.execArgv, program],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  context.after(() => child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value as string);
  const ports = (await next()) as { grpcPort: number; httpPort: number };
  const report = async (): Promise<Report> => {
    child.stdin.write("\n");
    return await next();
  };
  return { ...ports, report };
}

/** The status of a post, once there is one. */
async function post(port: number, body: Buffer, headers: Record<string, string> = {}) {
  const { status } = await send({
    port,
    path: "/v1/traces",
    method: "POST",
    headers: { "content-type": "application/x-protobuf", ...headers },
    body,
  });
  return status;
}

/** Calls over one connection of HTTP/2, each with a message: the status of each, once there is one. */
function call(
  context: TestContext,
  port: number,
  messages: readonly Buffer[],
  headers: Record<string, string> = {},
): Promise<number>[] {
  // Otherwise what this client has not sent yet leaves no room for the headers of answers.
  const session = connect(`http://127.0.0.1:${port}`, { maxSessionMemory: 1000 });
  session.on("error", () => {});
  context.after(() => session.destroy());
  return messages.map(async (message) => {
    const stream = session.request({
      ":method": "POST",
      ":path": grpcMethod,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    const prefix = Buffer.alloc(5);
    prefix[0] = "grpc-encoding" in headers ? 1 : 0;
    prefix.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([prefix, message]));
    stream.resume();
    const [response] = await once(stream, "response");
    stream.on("error", () => {});
    return Number(response["grpc-status"]);
  });
}

/** How often each status was given, when all but so many have one. */
async function fetchStatuses(
  answers: readonly Promise<number>[],
  { held }: { readonly held: number },
): Promise<Map<string, number>> {
  const statuses = new Map<string, number>();
  await new Promise<void>((resolve) => {
    let left = answers.length - held;
    const note = (status: string) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      left -= 1;
      if (left === 0) {
        resolve();
      }
    };
    for (const answer of answers) {
      // Who is refused while it is still sending may find its connection closed.
      answer.then(
        (status) => note(String(status)),
        () => note("closed"),
      );
    }
  });
  return statuses;
}

const times = <Item>(count: number, make: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => make(index));

/** Attributes of two bytes each: small on the wire, and an object each in memory. */
function tinyParts(bytes: number): Buffer {
  const span = Buffer.concat(times(bytes / 2, () => Buffer.from([0x4a, 0x00])));
  return [0x12, 0x12, 0x0a].reduce((inner, tag) => {
    const length: number[] = [];
    for (let rest = inner.length; ; rest >>>= 7) {
      length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
      if (rest <= 0x7f) {
        break;
      }
    }
    return Buffer.concat([Buffer.from([tag, ...length]), inner]);
  }, span);
}

test("a flood over a store that hangs is refused, and memory stays bounded", async (context) => {
  const { grpcPort, httpPort, report } = await startProcess(context);
  const { bytes: before } = await report();
  const large = encodeProtobuf([sampleSpan({ name: "x".repeat(8 * mebibyte) })]);
  const bomb = gzipSync(encodeProtobuf([sampleSpan({ name: "x".repeat(15 * mebibyte) })]));
  assert.ok(bomb.length < mebibyte / 50);
  const manyObjects = Buffer.from(`{"resourceSpans":[${"{},".repeat(2 * mebibyte)}{}]}`);

  // One after the other, while there is room: these are refused for what they would become.
  assert.equal(await post(httpPort, tinyParts(4 * mebibyte)), 413);
  assert.equal(await post(httpPort, manyObjects, { "content-type": "application/json" }), 413);

  const overHttp = await fetchStatuses(
    [
      ...times(30, () => post(httpPort, large)),
      ...times(60, () => post(httpPort, bomb, { "content-encoding": "gzip" })),
    ],
    { held: 16 },
  );
  assert.deepEqual(
    [...overHttp.keys()].filter((status) => !/^(429|closed)$/.test(status)),
    [],
  );
  assert.ok((overHttp.get("429") ?? 0) > 0);

  const overGrpc = await fetchStatuses(
    [
      ...times(10, () =>
        call(
          context,
          grpcPort,
          times(3, () => large),
        ),
      ),
      ...times(10, () =>
        call(
          context,
          grpcPort,
          times(20, () => bomb),
          { "grpc-encoding": "gzip" },
        ),
      ),
      ...times(5, () => call(context, grpcPort, [tinyParts(4 * mebibyte)])),
    ].flat(),
    { held: 16 },
  );
  assert.deepEqual([...overGrpc.keys()], ["8"]);

  // Who says that much is coming, and sends a part of it, holds no more than that part.
  const idle = times(50, () => {
    const socket = connectTcp(httpPort, "127.0.0.1").on("error", () => {});
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${16 * mebibyte}\r\n\r\nabc`,
    );
    return socket;
  });
  const { mostBytes, counts } = await report();
  idle.forEach((socket) => void socket.destroy());
  assert.ok(counts.exports.refused > 150);
  const grown = Math.round((mostBytes - before) / mebibyte);
  assert.ok(mostBytes - before < mostGrowthBytes, `it grew by ${grown} MiB`);
  context.diagnostic(`${counts.exports.refused} exports refused; it grew by ${grown} MiB at most`);
});

test("who resets streams again and again is cut off or served, and others are served", async (context) => {
  const { grpcPort, report } = await startProcess(context);
  const session = connect(`http://127.0.0.1:${grpcPort}`);
  session.on("error", () => {});
  for (let count = 0; count < 2_000 && !session.destroyed; count += 1) {
    const stream = session.request({ ":method": "POST", ":path": grpcMethod });
    stream.on("error", () => {});
    stream.close(constants.NGHTTP2_CANCEL);
  }
  const [answer] = call(context, grpcPort, [Buffer.from([0x0a, 0x05])]);
  const status = await answer;
  assert.equal(status, 3);
  session.destroy();
  assert.ok((await report()).counts.exports.refused >= 1);
});
