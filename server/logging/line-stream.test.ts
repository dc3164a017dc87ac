import assert from "node:assert/strict";
import { PassThrough, type Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { LineStream } from "./outputs.ts";

function lineStream(stream: Writable, maxWaitingBytes = 100) {
  const said: string[] = [];
  const lines = new LineStream({
    stream,
    maxWaitingBytes,
    retryAfterMs: 0,
    reports: {
      began: (code) => said.push(`began ${code}`),
      ended: (linesDropped) => said.push(`ended ${linesDropped}`),
    },
  });
  return { lines, said };
}

describe("LineStream", () => {
  test("passes every line on, in order", async () => {
    const stream = new PassThrough();
    const { lines, said } = lineStream(stream, 1e6);
    const received = text(stream);
    const expected = Array.from({ length: 1000 }, (_, number) => `line ${number}\n`);
    expected.forEach((line) => {
      lines.write(line);
    });
    await lines.flush();
    stream.end();
    assert.equal(await received, expected.join(""));
    assert.deepEqual(said, []);
  });

  test("drops and counts lines while nobody reads, and goes on with whole lines", async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const { lines, said } = lineStream(stream);
    for (let number = 0; number < 100; number++) {
      lines.write(`line ${number} of some length\n`);
      await turn();
    }
    assert.deepEqual(said, ["began NOT_READ"]);
    const dropped = lines.linesDropped;
    assert.ok(dropped > 50 && dropped < 100, `${dropped}`);
    assert.ok(lines.isFailing);

    const received = text(stream);
    await lines.flush();
    assert.deepEqual(said, ["began NOT_READ", `ended ${dropped}`]);
    lines.write("last\n");
    await lines.flush();
    stream.end();
    const read = (await received).split("\n");
    assert.deepEqual(read.slice(-2), ["last", ""]);
    assert.equal(read.length - 2, 100 - dropped);
    assert.ok(read.slice(0, -2).every((line) => /^line \d+ of some length$/.test(line)));
  });

  test("survives a reader that is gone, and says so once", async () => {
    const stream = new PassThrough();
    const { lines, said } = lineStream(stream);
    stream.destroy(Object.assign(new Error("gone"), { code: "EPIPE" }));
    await turn();
    lines.write("one\n");
    lines.write("two\n");
    await turn();
    lines.write("three\n");
    await turn();
    await lines.flush();
    assert.deepEqual(said, ["began ERR_STREAM_DESTROYED"]);
    assert.equal(lines.linesDropped, 3);
  });

  test("does not wait for ever for a reader that does not read", async () => {
    const { lines } = lineStream(new PassThrough({ highWaterMark: 1 }));
    lines.write("one\n");
    lines.write("two\n");
    await lines.flush();
  });
});
