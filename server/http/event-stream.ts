import { once } from "node:events";
import type { FastifyReply } from "fastify";

export interface EventStreamOptions {
  readonly reply: FastifyReply;
  /** Aborted when the request is interrupted. */
  readonly signal: AbortSignal;
  readonly readingLimitMs: number;
  /** Called when the client has not read for so long; it is to interrupt the request. */
  readonly onStalled: () => void;
}

/** Server-sent events on a response, opened by the first one, so that errors before it keep their status. */
export class EventStream {
  readonly #reply: FastifyReply;
  readonly #signal: AbortSignal;
  readonly #options: EventStreamOptions;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#reply = options.reply;
    this.#signal = options.signal;
  }

  get isOpen(): boolean {
    return this.#reply.raw.headersSent;
  }

  /**
   * Sends one event and waits while the client reads more slowly than the model writes, so that
   * nothing piles up in memory; but not for ever, because the request holds a slot of the model.
   * @throws the signal's reason when the request is interrupted meanwhile.
   */
  async send(data: object | "[DONE]"): Promise<void> {
    this.#signal.throwIfAborted();
    this.#open();
    const line = typeof data === "string" ? data : JSON.stringify(data);
    if (!this.#reply.raw.write(`data: ${line}\n\n`)) {
      await this.#drained();
    }
  }

  end(): void {
    this.#reply.raw.end();
  }

  #open(): void {
    if (!this.isOpen) {
      this.#reply.hijack();
      this.#reply.raw.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
      });
    }
  }

  async #drained(): Promise<void> {
    const { onStalled, readingLimitMs } = this.#options;
    const stalled = setTimeout(onStalled, readingLimitMs);
    try {
      await once(this.#reply.raw, "drain", { signal: this.#signal });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(stalled);
    }
  }
}
