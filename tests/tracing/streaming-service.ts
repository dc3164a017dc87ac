import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { context } from "@opentelemetry/api";
import {
  type ActiveSpanIds,
  activeSpanIds,
  type RequestTrace,
  type Tracing,
} from "../../server/tracing/index.ts";
import { spans } from "./traced-contract.ts";
import {
  completed,
  decoded,
  format,
  type Handler,
  Interrupted,
  prefill,
  requestStart,
  tokenize,
} from "./traced-service.ts";

/** What was active in a piece of work that ran later or elsewhere, and what should have been. */
export interface Sighting {
  readonly place: string;
  readonly expected: ActiveSpanIds | undefined;
  readonly seen: ActiveSpanIds | undefined;
}

interface Looks {
  readonly inBody: () => void;
  readonly inFinally: () => void;
}

const steps = 6;

/**
 * A model that works on all requests at once: whoever asks first starts the batch, and everybody's
 * callback is called from there. That is how a context is taken from somebody else.
 */
class BatchedModel {
  #callbacks: (() => void)[] = [];

  step(callback: () => void): void {
    this.#callbacks.push(callback);
    if (this.#callbacks.length === 1) {
      setTimeout(() => {
        const callbacks = this.#callbacks;
        this.#callbacks = [];
        for (const waiting of callbacks) {
          waiting();
        }
      }, 2);
    }
  }
}

/** A streaming server whose requests do everything that loses a context, bound and unbound. */
export class StreamingService {
  readonly bound: Sighting[] = [];
  readonly unbound: Sighting[] = [];
  readonly #tracing: Tracing;
  readonly #model = new BatchedModel();
  readonly #shared = new EventEmitter().setMaxListeners(0);
  readonly #server: Server;
  readonly #running = new Set<Promise<unknown>>();
  /** Iterables that a worker of the server reads, in no request's context. */
  readonly #elsewhere: AsyncIterable<unknown>[] = [];
  readonly #stopped = new AbortController();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
    this.#server = createServer((request, response) => {
      const answering = this.#answer(request, response).catch((error: unknown) => {
        if (!(error instanceof Interrupted)) {
          throw error;
        }
      });
      this.#running.add(answering);
    });
    this.#running.add(this.#readElsewhere());
  }

  async #readElsewhere(): Promise<void> {
    const isOver = () => this.#stopped.signal.aborted && this.#elsewhere.length === 0;
    while (!isOver()) {
      await delay(1);
      await Promise.all(this.#elsewhere.splice(0).map(readAll));
    }
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  /** Waits for all requests, and closes. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#running);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer({ headers }: IncomingMessage, response: ServerResponse): Promise<string> {
    const start = requestStart({ headers });
    return this.#tracing.traceRequest(spans.handler, start, async (request) => {
      const abort = new AbortController();
      const look = this.#look("client closed");
      listen(response, "close", () => {
        look();
        abort.abort();
      });
      response.setHeader("content-type", "text/event-stream");
      await tokenize(request);
      await prefill(request);
      await this.#decode(request, response, abort.signal);
      await format(request);
      response.end("data: [DONE]\n\n");
      return request.done(request.traceId, completed);
    });
  }

  async #decode(request: RequestTrace<Handler>, response: ServerResponse, signal: AbortSignal) {
    await request.stage(spans.decode, { model: "m" }, async (stage) => {
      onAbort(signal, this.#look("abort signal"));
      signal.addEventListener("abort", this.#look("abort signal", this.unbound));
      const stop = listen(this.#shared, "step", this.#look("shared emitter"));
      const task = startTask(() => this.#sideTask(), this.#look("task's error"));
      try {
        this.#elsewhere.push(
          bindIterable(this.#steps(this.#looks("generator elsewhere"))),
          this.#steps(this.#looks("generator elsewhere", this.unbound), () => delay(1)),
        );
        const events = bindIterable(this.#steps(this.#looks("generator in a stream")));
        await pipeline(Readable.from(events), response, { end: false });
        await Promise.allSettled([task]);
      } catch {
        throw new Interrupted();
      } finally {
        stop();
      }
      return stage.done(undefined, decoded);
    });
  }

  async #sideTask(): Promise<void> {
    const look = this.#look("task");
    await delay(3);
    look();
    throw new Error("The side task failed.");
  }

  /** The body runs when somebody asks for the next item: in the context of a socket, or in none. */
  async *#steps(
    { inBody, inFinally }: Looks,
    step: () => Promise<void> = () => this.#step(),
  ): AsyncGenerator<string> {
    try {
      for (let index = 0; index < steps; index += 1) {
        await step();
        inBody();
        yield `data: ${index}\n\n`;
      }
    } finally {
      inFinally();
    }
  }

  async #step(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = this.#look("callback");
    const lookUnbound = this.#look("callback", this.unbound);
    this.#model.step(
      bind(() => {
        look();
        this.#shared.emit("step");
        resolve();
      }),
    );
    this.#model.step(lookUnbound);
    await promise;
  }

  /** Remembers what is active now, and compares when it is called. */
  #look(place: string, sightings = this.bound): () => void {
    const expected = activeSpanIds();
    return () => {
      sightings.push({ place, expected, seen: activeSpanIds() });
    };
  }

  #looks(place: string, sightings = this.bound): Looks {
    return {
      inBody: this.#look(place, sightings),
      inFinally: this.#look(`${place}, finally`, sightings),
    };
  }
}

async function readAll(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _item of items) {
    // Only the reading matters.
  }
}

/**
 * Which span is active travels with timers, promises and `await` on its own. It is lost, or taken from
 * whoever triggers the work, in listeners, in abort signals, in queues of one's own, in the bodies of
 * async generators and in what a node or web stream calls. Whatever runs later or elsewhere goes
 * through one of these functions, called where the context is still right.
 */

/** The same function, running in the context of now. For callbacks, queues and streams. */
function bind<Arguments extends unknown[], Result>(
  callback: (...given: Arguments) => Result,
): (...given: Arguments) => Result {
  return context.bind(context.active(), callback);
}

/**
 * The same items, produced in the context of now: the body of an async generator, its `finally`
 * included, otherwise runs in the context of whoever asks for the next item.
 */
function bindIterable<Item>(items: AsyncIterable<Item>): AsyncIterableIterator<Item> {
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
function startTask<Result>(
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
function listen<Arguments extends unknown[]>(
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
function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  if (signal.aborted) {
    listener(signal.reason);
    return () => undefined;
  }
  const bound = bind(() => listener(signal.reason));
  signal.addEventListener("abort", bound, { once: true });
  return () => signal.removeEventListener("abort", bound);
}
