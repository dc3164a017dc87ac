import type { EventEmitter } from "node:events";
import { context, isSpanContextValid, trace } from "@opentelemetry/api";

/**
 * Which span is active travels with timers, promises and `await` on its own. It is lost, or taken from
 * whoever triggers the work, in listeners, in abort signals, in queues of one's own, in the bodies of
 * async generators and in what a node or web stream calls. Whatever runs later or elsewhere goes
 * through one of these functions, called where the context is still right.
 */

/** The same function, running in the context of now. For callbacks, queues and streams. */
export function bind<Arguments extends unknown[], Result>(
  callback: (...given: Arguments) => Result,
): (...given: Arguments) => Result {
  return context.bind(context.active(), callback);
}

/**
 * The same items, produced in the context of now: the body of an async generator, its `finally`
 * included, otherwise runs in the context of whoever asks for the next item.
 */
export function bindIterable<Item>(items: AsyncIterable<Item>): AsyncIterableIterator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  const bound: AsyncIterableIterator<Item> = {
    next: bind(() => iterator.next()),
    // A loop that is left early, and a consumer that throws, run the generator's `finally`.
    return: bind((value) => iterator.return?.(value) ?? ended(value)),
    throw: bind((error) => iterator.throw?.(error) ?? Promise.reject(error)),
    [Symbol.asyncIterator]: () => bound,
  };
  return bound;
}

async function ended<Value>(value: Value): Promise<IteratorReturnResult<Value>> {
  return { done: true, value: await value };
}

/**
 * Starts work that goes on beside the caller, in the context of now. What it throws reaches `onError`
 * in that context too, whether or not somebody awaits the promise, and never ends the process.
 */
export function startTask<Result>(
  work: () => Promise<Result>,
  onError: (error: unknown) => void,
): Promise<Result> {
  const started = context.active();
  // An async function, so that work that throws before its first await is a rejection too.
  const task = context.with(started, async () => await work());
  task.catch((error: unknown) => context.with(started, onError, undefined, error));
  return task;
}

/** Listens in the context of now, and returns what stops it. A client that leaves has no context. */
export function listen<Arguments extends unknown[]>(
  emitter: EventEmitter,
  event: string,
  listener: (...given: Arguments) => void,
): () => void {
  const bound = bind(listener) as (...given: unknown[]) => void;
  emitter.on(event, bound);
  return () => emitter.off(event, bound);
}

/**
 * Calls the listener in the context of now when the signal is aborted, at once when it is already, and
 * returns what stops it. By itself the listener would run in the context of whoever aborts.
 */
export function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  if (signal.aborted) {
    listener(signal.reason);
    return () => undefined;
  }
  const bound = bind(() => listener(signal.reason));
  signal.addEventListener("abort", bound, { once: true });
  return () => signal.removeEventListener("abort", bound);
}

/** The ids that a log line written now belongs to, under the names that they have in the line. */
export interface ActiveSpanIds {
  /** 32 lower-case hexadecimal digits. */
  readonly trace_id: string;
  /** 16 lower-case hexadecimal digits. */
  readonly span_id: string;
}

/** Undefined outside of requests. */
export function activeSpanIds(): ActiveSpanIds | undefined {
  const active = trace.getSpanContext(context.active());
  return active !== undefined && isSpanContextValid(active)
    ? { trace_id: active.traceId, span_id: active.spanId }
    : undefined;
}
