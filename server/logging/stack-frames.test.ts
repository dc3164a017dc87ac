import assert from "node:assert/strict";
import { describe, test } from "node:test";
import pino from "pino";
import { stackFrames } from "./exception.ts";

const secret = "CANARY-4711";
const realFile = import.meta.filename;

function bake(message: string): Error {
  return new Error(message);
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

describe("stackFrames", () => {
  test("names functions, files of the project and lines", () => {
    assert.match(
      stackFrames(bake("an ordinary message")),
      /^bake \(server\/logging\/stack-frames\.test\.ts:\d+:\d+\); /,
    );
  });

  test("writes nothing of the message, not even lines of it that look like frames", () => {
    const error = bake(`${secret}\n    at leaked (${realFile}:1:1)\n${secret}`);
    assert.match(stackFrames(error), /^bake \(/);
    assert.doesNotMatch(stackFrames(error), /CANARY|leaked/);
  });

  test("writes nothing of a message that was changed since", () => {
    const error = bake(`${secret}\n    at leaked (${realFile}:1:1)\n${secret}`);
    // V8 puts the message into the stack when it is first read.
    assert.match(String(error.stack), /CANARY/);
    error.message = "another";
    assert.match(stackFrames(error), /^bake \(/);
    assert.doesNotMatch(stackFrames(error), /CANARY|leaked|another/);
  });

  test("keeps the frames after a line of another kind, as gRPC adds", () => {
    const error = bake("an ordinary message");
    error.stack += `\nfor call at\n    at callIt (${realFile}:1:1)`;
    assert.match(stackFrames(error), /^bake \(.*; callIt \([^;]*$/);
  });

  test("writes nothing of a stack that is no stack", () => {
    const error = bake("an ordinary message");
    error.stack = `${secret}\n    at ${secret} (/no/such/${secret}.ts:1:1)\n    at ${secret}`;
    assert.equal(stackFrames(error), "");
    error.stack = `Error: ${secret}\n    at ${secret} and more (${realFile}:1:1)`;
    assert.match(stackFrames(error), /^<anonymous> \(server\/logging\/[\w.-]+:1:1\)$/);
  });

  test("shortens the frames of packages and of Node to their number", () => {
    const frames = stackFrames(thrownBy(() => pino({ level: "no such level" })));
    assert.match(frames, /^pino \(\d+ frames?\); .*stack-frames\.test\.ts.*; node \(\d+ frames?\)/);
  });

  test("keeps the names of asynchronous functions, constructors and methods", async () => {
    class Oven {
      readonly error: Error;
      constructor() {
        this.error = bake("from a constructor");
      }
      async heat(): Promise<never> {
        await Promise.resolve();
        throw bake("from a method");
      }
    }
    assert.match(stackFrames(new Oven().error), /; new Oven \(server/);
    await assert.rejects(new Oven().heat(), (error) =>
      /; Oven\.heat \(server/.test(stackFrames(error)),
    );
  });

  test("is empty for what has no stack", () => {
    const hostile = {
      get stack() {
        throw new Error(secret);
      },
    };
    for (const value of [
      undefined,
      null,
      secret,
      7,
      {},
      { stack: 7 },
      { stack: secret },
      hostile,
    ]) {
      assert.equal(stackFrames(value), "");
    }
  });

  test("is one line of at most 2000 characters", () => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 200;
    const deep = (depth: number): Error => (depth === 0 ? bake("deep") : deep(depth - 1));
    const frames = stackFrames(deep(150));
    Error.stackTraceLimit = limit;
    assert.ok(frames.length > 1500, frames);
    assert.match(frames, /^[^\p{Cc}]{0,2000}$/u);
  });
});
