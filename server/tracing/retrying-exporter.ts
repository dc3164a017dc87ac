import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode, suppressTracing } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { Backoff } from "#contract";
import { type DeliveryFailure, type DeliveryLog, toDeliveryFailure } from "./delivery-log.ts";

export interface RetryOptions {
  /** Spans that are kept while they cannot be sent. About a kilobyte each. */
  readonly maxSpans: number;
  readonly maxBatchSpans: number;
  /** How long `shutdown` goes on trying. */
  readonly shutdownMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** A batch that fails for so long is given up: it may be the batch, and others wait behind it. */
  readonly maxBatchAgeMs: number;
}

interface Batch {
  readonly spans: ReadableSpan[];
  readonly firstTriedAtMs: number;
}

/**
 * Stands before an exporter that has no patience: keeps what it cannot send within a bound, tries again
 * one batch at a time, and counts what it gives up. Nobody who ends a span ever waits for it.
 */
export class RetryingExporter implements SpanExporter {
  readonly #connect: (connection: number) => SpanExporter;
  readonly #delivery: DeliveryLog;
  readonly #options: RetryOptions;
  readonly #waiting: ReadableSpan[] = [];
  /** Taken out of `waiting`: sent, or about to be sent again. */
  #batch: Batch | undefined;
  #isInFlight = false;
  #exporter: SpanExporter;
  #connections = 1;
  #sending: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #isClosed = false;
  #endPause: () => void = () => undefined;
  #accepted = 0;
  #dropped = 0;
  #failures = 0;

  /**
   * @param connect Makes an exporter with a connection of its own. gRPC has a back-off of its own for
   *   each connection, up to two minutes, that cannot be set here: after a failure a new connection,
   *   with another number, starts without it.
   */
  constructor(
    connect: (connection: number) => SpanExporter,
    delivery: DeliveryLog,
    options: RetryOptions,
  ) {
    this.#connect = connect;
    this.#delivery = delivery;
    this.#options = options;
    this.#exporter = connect(this.#connections);
  }

  /** Spans that a collector has acknowledged. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Spans that were given up. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Exports that were not taken; most of them are tried again. */
  get failures(): number {
    return this.#failures;
  }

  export(spans: ReadableSpan[], callback: (result: ExportResult) => void): void {
    for (const span of spans) {
      this.#waiting.push(span);
    }
    this.#trim();
    // Neither the spans' requests nor tracing itself are to be seen in what sending does.
    this.#sending ??= context.with(suppressTracing(ROOT_CONTEXT), () => this.#sendAll());
    callback({ code: ExportResultCode.SUCCESS });
  }

  /** Tries for a bounded time, then gives up what is left. Never rejects. */
  shutdown(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#endPause();
    const limit = pause(this.#options.shutdownMs);
    await Promise.race([this.#sending, limit.over]);
    limit.end();
    this.#isClosed = true;
    this.#endPause();
    // Not told here: the total is, when everything has stopped.
    this.#dropped += this.#waiting.length + (this.#batch?.spans.length ?? 0);
    this.#exporter.shutdown().catch(() => undefined);
  }

  async #sendAll(): Promise<void> {
    const backoff = new Backoff({ ...this.#options, isSpread: true });
    while (!this.#isClosed) {
      this.#batch ??= this.#nextBatch();
      if (this.#batch === undefined) {
        break;
      }
      const failure = await this.#send(this.#batch);
      if (this.#isClosed) {
        return;
      }
      if (failure === undefined) {
        this.#accepted += this.#batch.spans.length;
        this.#batch = undefined;
        this.#delivery.succeeded();
        backoff.reset();
      } else if (this.#handleFailure(this.#batch, failure)) {
        if (this.#stopped !== undefined) {
          backoff.reset();
        }
        await this.#pause(backoff.nextDelayMs());
      }
    }
    this.#sending = undefined;
  }

  #nextBatch(): Batch | undefined {
    const spans = this.#waiting.splice(0, this.#options.maxBatchSpans);
    return spans.length === 0 ? undefined : { spans, firstTriedAtMs: performance.now() };
  }

  async #send({ spans }: Batch): Promise<DeliveryFailure | undefined> {
    this.#isInFlight = true;
    try {
      const { code, error } = await new Promise<ExportResult>((resolve) => {
        this.#exporter.export(spans, resolve);
      });
      return code === ExportResultCode.SUCCESS ? undefined : toDeliveryFailure(error);
    } catch (error) {
      return toDeliveryFailure(error);
    } finally {
      this.#isInFlight = false;
    }
  }

  /** Whether to wait before the next attempt. */
  #handleFailure(batch: Batch, failure: DeliveryFailure): boolean {
    this.#failures += 1;
    this.#delivery.failed(failure, batch.spans.length + this.#waiting.length);
    const ageMs = performance.now() - batch.firstTriedAtMs;
    if (!failure.isRetryable || ageMs > this.#options.maxBatchAgeMs) {
      this.#batch = undefined;
      this.#drop(batch.spans.length);
    }
    this.#trim();
    if (failure.isRetryable) {
      this.#exporter.shutdown().catch(() => undefined);
      this.#connections += 1;
      this.#exporter = this.#connect(this.#connections);
    }
    return failure.isRetryable;
  }

  /** Gives up the oldest spans beyond the bound, but for a batch that is on its way. */
  #trim(): void {
    const held = (this.#batch?.spans.length ?? 0) + this.#waiting.length;
    const excess = Math.max(0, held - this.#options.maxSpans);
    const fromBatch = this.#isInFlight ? [] : (this.#batch?.spans.splice(0, excess) ?? []);
    const fromWaiting = this.#waiting.splice(0, excess - fromBatch.length);
    if (this.#batch?.spans.length === 0) {
      this.#batch = undefined;
    }
    this.#drop(fromBatch.length + fromWaiting.length);
  }

  #drop(spans: number): void {
    if (spans > 0) {
      this.#dropped += spans;
      this.#delivery.dropped(spans);
    }
  }

  async #pause(delayMs: number): Promise<void> {
    const { timer, over, end } = pause(delayMs);
    // A process that has nothing else to do may end: only `shutdown` asks for time.
    timer.unref();
    this.#endPause = end;
    await over;
  }
}

interface Pause {
  readonly timer: NodeJS.Timeout;
  readonly over: Promise<void>;
  readonly end: () => void;
}

function pause(delayMs: number): Pause {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, delayMs);
  const end = () => {
    clearTimeout(timer);
    resolve();
  };
  return { timer, over: promise, end };
}
