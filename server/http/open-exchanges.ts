import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Exchange, type ExchangeOptions } from "./exchange.ts";

/** The requests for the model that are not over yet. */
export class OpenExchanges {
  readonly #byRequest = new Map<IncomingMessage, Exchange>();
  readonly #open = new Set<Promise<void>>();

  get count(): number {
    return this.#open.size;
  }

  open(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions): void {
    const { exchange, over } = Exchange.open(request, response, options);
    this.#byRequest.set(request, exchange);
    this.#open.add(over);
    const forget = (): void => {
      this.#byRequest.delete(request);
      this.#open.delete(over);
    };
    over.then(forget, forget);
  }

  of(request: IncomingMessage): Exchange | undefined {
    return this.#byRequest.get(request);
  }

  /** Usually one; several when a client does not wait for the answers to its requests. */
  on(socket: Socket): Exchange[] {
    return [...this.#byRequest.values()].filter(({ request }) => request.socket === socket);
  }

  interruptAll(): void {
    for (const exchange of this.#byRequest.values()) {
      exchange.interrupt("shutdown");
    }
  }

  /** Waits until those that are open now are over. */
  async over(): Promise<void> {
    await Promise.allSettled(this.#open);
  }
}
