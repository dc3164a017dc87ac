import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { after, test } from "node:test";
import { miniserve, spans } from "#contract";
import {
  activeSpanIds,
  bind,
  bindIterable,
  listen,
  onAbort,
  startTask,
  startTracing,
} from "./index.ts";

const tracing = startTracing(miniserve, {
  log: () => undefined,
  serviceVersion: "0",
  environment: { OTEL_SDK_DISABLED: "true" },
  isInterruption: () => false,
});

after(() => tracing.shutdown());

/** Runs something with a span active, and gives the span's id. */
async function inSpan(work: () => void): Promise<string> {
  const requestId = `cmpl-${"0".repeat(32)}`;
  return await tracing.traceRequest(
    spans.handler,
    {
      headers: {},
      values: { method: "POST", route: "/v1/completions", model: "m", requestId },
      onThrow: () => ({ statusCode: 500, outcome: "failed", errorType: "internal" }) as const,
    },
    async (request) => {
      work();
      const spanId = activeSpanIds()?.span_id ?? "";
      return request.done(spanId, { statusCode: 200, outcome: "completed" });
    },
  );
}

async function itemsOf<Item>(iterable: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of iterable) {
    items.push(item);
  }
  return items;
}

const active = (): string | undefined => activeSpanIds()?.span_id;

test("a bound callback takes its arguments along, gives its result, and throws what it throws", async () => {
  let bound: (left: number, right: number) => unknown = () => undefined;
  let throwing: () => void = () => undefined;
  const spanId = await inSpan(() => {
    bound = bind((left: number, right: number) => [left + right, active()]);
    throwing = bind(() => {
      throw new RangeError();
    });
  });
  assert.deepEqual(bound(1, 2), [3, spanId]);
  assert.throws(throwing, RangeError);
  assert.equal(active(), undefined);
});

test("an iterable gives its items and its end, whoever asks, also when its loop is left early", async () => {
  const seen: unknown[] = [];
  async function* count(): AsyncGenerator<number> {
    try {
      yield 1;
      seen.push(active());
      yield 2;
    } finally {
      seen.push(active());
    }
  }
  let all: AsyncIterable<number> = count();
  let left: AsyncIterable<number> = count();
  const spanId = await inSpan(() => {
    all = bindIterable(count());
    left = bindIterable(count());
  });
  assert.deepEqual(await itemsOf(all), [1, 2]);
  for await (const item of left) {
    assert.equal(item, 1);
    break;
  }
  assert.deepEqual(seen, [spanId, spanId, spanId]);
});

test("an iterable passes on errors, and return and throw where the iterator lacks them", async () => {
  async function* failing(): AsyncGenerator<number> {
    yield 1;
    throw new RangeError();
  }
  await assert.rejects(itemsOf(bindIterable(failing())), RangeError);
  const bare: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }) }),
  };
  const bound = bindIterable(bare);
  assert.deepEqual(await bound.return?.("x"), { done: true, value: "x" });
  await assert.rejects(async () => bound.throw?.(new TypeError()), TypeError);
});

test("a task has its span, its result for whoever awaits it, and its error in any case", async () => {
  const errors: unknown[] = [];
  const tasks: Promise<unknown>[] = [];
  const note = (error: unknown) => errors.push([error, active()]);
  const error = new RangeError();
  const spanId = await inSpan(() => {
    tasks.push(
      startTask(async () => active(), note),
      startTask(() => {
        throw error;
      }, note),
    );
  });
  const [result, failure] = await Promise.allSettled(tasks);
  assert.deepEqual(result, { status: "fulfilled", value: spanId });
  assert.deepEqual(failure, { status: "rejected", reason: error });
  assert.deepEqual(errors, [[error, spanId]]);
});

test("listeners run in their span until they are stopped", async () => {
  const emitter = new EventEmitter();
  const abort = new AbortController();
  const already = AbortSignal.abort("early");
  const seen: unknown[] = [];
  const stops: (() => void)[] = [];
  const spanId = await inSpan(() => {
    listen(emitter, "close", (what: string) => seen.push([what, active()]));
    stops.push(
      listen(emitter, "close", () => seen.push("stopped")),
      onAbort(abort.signal, () => seen.push("stopped")),
    );
    onAbort(abort.signal, (reason) => seen.push([reason, active()]));
    onAbort(already, (reason) => seen.push([reason, active()]));
  });
  for (const stop of stops) {
    stop();
  }
  emitter.emit("close", "closed");
  abort.abort("aborted");
  assert.deepEqual(seen, [
    ["early", spanId],
    ["closed", spanId],
    ["aborted", spanId],
  ]);
});
