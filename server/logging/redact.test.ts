import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { contentKey } from "#contract";
import { redact } from "./redact.ts";

const secret = "CANARY-4711";

function written(fields: unknown): string {
  return JSON.stringify(redact(fields));
}

describe("redact", () => {
  test("keeps what is no content", () => {
    const fields = { event: "loaf.baked", count: 3, mean: 0.5, hot: true, none: null, big: 12n };
    assert.deepEqual(redact(fields), { ...fields, big: "12" });
    assert.deepEqual(redact({ list: [1, { a: "b" }] }), { list: [1, { a: "b" }] });
    assert.deepEqual(redact(Object.assign(Object.create(null), { a: 1 })), { a: 1 });
  });

  test("drops keys that stand for content, in any casing, at any depth", () => {
    for (const key of ["prompt", "PROMPT", "userPrompts", "Completion", "MessaGes", "conTEXT"]) {
      assert.deepEqual(redact({ [key]: secret, kept: 1 }), { kept: 1 });
      assert.deepEqual(redact({ a: [{ b: { [key]: { c: secret }, kept: 1 } }] }), {
        a: [{ b: { kept: 1 } }],
      });
    }
  });

  test("drops the words of errors and foreign lines wherever they stand", () => {
    assert.deepEqual(redact({ msg: secret, err: { message: secret, stack: secret, code: "E" } }), {
      err: { code: "E" },
    });
  });

  test("drops keys that no programmer gave", () => {
    assert.deepEqual(redact({ [`${secret} was typed`]: 1, ["x".repeat(65)]: 1, "": 1 }), {});
  });

  test("writes of an error its class, code and frames, also of causes and of many errors", () => {
    class OvenError extends Error {
      readonly code = "OVEN_COLD";
      readonly detail = secret;
    }
    const error = new OvenError(secret, {
      cause: new AggregateError([new TypeError(secret), new RangeError(secret)], secret),
    });
    error.name = secret;
    const copy = redact(error) as Record<string, unknown>;
    assert.equal(copy.type, "OvenError");
    assert.equal(copy.code, "OVEN_COLD");
    assert.match(String(copy.frames), /redact\.test\.ts/);
    assert.match(written({ err: error }), /AggregateError.*TypeError.*RangeError/);
    assert.doesNotMatch(written({ err: error }), /CANARY/);
  });

  test("writes of what is no plain object its class alone, and runs none of it", () => {
    class Request {
      readonly harmless = secret;
      toJSON() {
        return assert.fail("toJSON was called");
      }
    }
    const fields = {
      request: new Request(),
      map: new Map([["harmless", secret]]),
      set: new Set([secret]),
      bytes: Buffer.from(secret),
      view: new Uint8Array([1]),
      boxed: new String(secret),
      url: new URL(`http://localhost/?q=${secret}`),
    };
    assert.deepEqual(redact(fields), {
      request: "[Request]",
      map: "[Map]",
      set: "[Set]",
      bytes: "[Buffer]",
      view: "[Uint8Array]",
      boxed: "[String]",
      url: "[URL]",
    });
  });

  test("leaves functions, symbols and what cannot be read out", () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => assert.fail(secret),
        getPrototypeOf: () => assert.fail(secret),
      },
    );
    const fields = {
      toJSON: () => secret,
      symbol: Symbol(secret),
      [Symbol("harmless")]: secret,
      get throwing() {
        return assert.fail(secret);
      },
      get nested() {
        return { prompt: secret, kept: 1 };
      },
      kept: 1,
    };
    assert.deepEqual(redact(fields), { nested: { kept: 1 }, kept: 1 });
    assert.deepEqual(redact({ hostile }), { hostile: "[Object]" });
    assert.deepEqual(redact(JSON.parse(`{"__proto__": {"prompt": "${secret}"}, "kept": 1}`)), {
      kept: 1,
    });
    for (const value of [undefined, null, secret, 7, [secret], hostile, () => secret]) {
      assert.deepEqual(redact(value), {});
    }
  });

  test("is bounded in depth, in width and in length, and ends in a cycle", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50)}1${"}".repeat(50)}`) as object;
    assert.equal(written(deep), `${'{"a":'.repeat(7)}"[deeper]"${"}".repeat(7)}`);
    const cycle: Record<string, unknown> = { kept: 1 };
    cycle.self = cycle;
    cycle.all = [cycle, cycle, cycle];
    assert.ok(written(cycle).length < 20_000);
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 1]));
    assert.equal(Object.keys(redact(wide)).length, 200);
    assert.ok(written({ list: new Array(1e6).fill(1) }).length < 1000);
    const long = Array.from({ length: 100 }, () => "x".repeat(5000));
    assert.ok(written({ long }).length < 20_000);
  });

  test("never lets content through, whatever the shape (seed 34)", () => {
    const shape = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 8 },
        fc.constantFrom<unknown>(1, "harmless", null, true),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "userPrompt", "TEXT", "messages"), tie("node")),
        tie("content"),
      ),
      content: fc
        .tuple(fc.constantFrom("prompt", "completion", "messages", "text"), fc.nat(), tie("node"))
        .map(([word, casing, rest]) => ({
          [recased(`x${word}y`, casing)]: [secret, { secret }, rest],
        })),
    }));
    fc.assert(
      fc.property(shape.node, (fields) => {
        assert.doesNotMatch(written({ fields }), /CANARY/);
        assert.ok(listKeys(redact({ fields })).every((key) => !contentKey.test(key)));
      }),
      { seed: 34, numRuns: 500 },
    );
  });
});

function recased(word: string, casing: number): string {
  return [...word]
    .map((letter, index) => ((casing >> index) & 1 ? letter.toUpperCase() : letter))
    .join("");
}

function listKeys(value: unknown): string[] {
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...listKeys(inner)])
    : [];
}
