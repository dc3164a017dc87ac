import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type AtEnd, type AtStart, logEvents, spans } from "#contract";
import type { Log } from "../logging/index.ts";
import { type Interruption, isInterruption, RequestInterrupted } from "../pipeline/interruption.ts";
import type { RequestEnd, RequestTrace, Tracing } from "../tracing/index.ts";
import { type ApiError, toApiError } from "./errors.ts";

type Handler = typeof spans.handler;
type Outcome = AtEnd<Handler>["outcome"];
export type TracedRoute = AtStart<Handler>["route"];

export interface ExchangeOptions {
  readonly tracing: Tracing;
  readonly log: Log;
  readonly modelName: string;
  readonly route: TracedRoute;
}

const idPrefix = { "/v1/completions": "cmpl", "/v1/chat/completions": "chatcmpl" } as const;

/** What nginx made customary for a client that left before it was answered. */
const clientClosedRequest = 499;

/**
 * One request for the model and its answer: the owner of the root span. It is open from the request's
 * headers until the response is closed and all work for it has ended, whichever comes last.
 */
export class Exchange {
  readonly requestId: string;
  readonly request: IncomingMessage;
  readonly #interrupt = new AbortController();
  readonly response: ServerResponse;
  readonly #log: Log;
  readonly trace: RequestTrace<Handler>;
  /** All that runs for this request; the root span ends after it. */
  readonly #work: Promise<unknown>[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #statusCode = clientClosedRequest;
  #error: ApiError | undefined;
  #failed = false;
  #isClosed = false;

  private constructor(
    trace: RequestTrace<Handler>,
    requestId: string,
    request: IncomingMessage,
    response: ServerResponse,
    log: Log,
  ) {
    this.trace = trace;
    this.requestId = requestId;
    this.request = request;
    this.response = response;
    this.#log = log;
    response.once("close", () => this.connectionClosed());
  }

  /** Opens the exchange: starts the root span and puts the trace's id on the response. */
  static open(
    request: IncomingMessage,
    response: ServerResponse,
    { tracing, log, modelName, route }: ExchangeOptions,
  ): { exchange: Exchange; over: Promise<void> } {
    const requestId = `${idPrefix[route]}-${randomUUID().replaceAll("-", "")}`;
    let opened: Exchange | undefined;
    const over = tracing.traceRequest(
      spans.handler,
      {
        headers: request.headers,
        values: { method: "POST", route, model: modelName, requestId },
        // Everything that a request can throw is turned into an answer; this is for our own defects.
        onThrow: () => ({
          statusCode: 500,
          outcome: "failed" as const,
          errorType: "internal_error",
        }),
      },
      async (trace) => {
        const exchange = new Exchange(trace, requestId, request, response, log);
        opened = exchange;
        if (trace.exported) {
          response.setHeader("x-trace-id", trace.traceId);
        }
        log(logEvents.requestReceived, { method: "POST", route, requestId });
        return trace.done<void>(undefined, await exchange.#close());
      },
    );
    if (opened === undefined) {
      throw new Error("The request's root span did not start.");
    }
    return { exchange: opened, over };
  }

  /** Aborted with a `RequestInterrupted` when the client leaves or the server stops. */
  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** Whether the request has come to its end, body and all. */
  get isReceived(): boolean {
    return this.request.complete;
  }

  interrupt(reason: Interruption): void {
    this.#interrupt.abort(new RequestInterrupted(reason));
  }

  /** Runs work for this request; the exchange stays open until it has ended. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const running = this.trace.run(work);
    this.#work.push(running.catch(() => undefined));
    return running;
  }

  /**
   * Nothing more can be sent, because all was or because the client left. A response that waits behind
   * another one on the same connection never hears of its end, so the application tells it.
   */
  connectionClosed(): void {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    // What is written from now on reaches nobody.
    this.#statusCode = this.response.headersSent ? this.response.statusCode : clientClosedRequest;
    if (!this.response.writableFinished) {
      this.interrupt("aborted");
    }
    this.#closed.resolve();
  }

  /** Notes what ended the request early, and says what the client is to be told. */
  fail(thrown: unknown): ApiError {
    const error = toApiError(thrown);
    if (error === this.#error) {
      // Noted where it was thrown; now it is on its way to the client.
      return error;
    }
    this.#error ??= error;
    if (error.status === 500) {
      this.#failed = true;
      this.trace.noteFailure(thrown);
    }
    return error;
  }

  async #close(): Promise<RequestEnd<Handler>> {
    await this.#closed.promise;
    await Promise.all(this.#work);
    const outcome = this.#outcome();
    const errorType = this.#errorType(outcome);
    const end = {
      statusCode: this.#statusCode,
      outcome,
      ...(errorType === undefined ? {} : { errorType }),
    };
    this.#log(logEvents.requestFinished, { ...end, durationUs: this.trace.elapsedUs() });
    return end;
  }

  /** A stage that threw outweighs a client that left; being told so outweighs both. */
  #outcome(): Outcome {
    if (this.#failed) {
      return "failed";
    }
    const reason: unknown = this.signal.aborted ? this.signal.reason : undefined;
    if (isInterruption(reason)) {
      return reason.outcome;
    }
    return this.#error === undefined ? "completed" : "rejected";
  }

  #errorType(outcome: Outcome): string | undefined {
    switch (outcome) {
      case "completed":
      case "aborted":
        return undefined;
      case "timeout":
      case "shutdown":
        return outcome;
      default:
        return this.#error?.code;
    }
  }
}
