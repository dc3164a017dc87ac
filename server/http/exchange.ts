import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AtEnd, AtStart } from "#contract";
import { logEvents, spans } from "#miniserve";
import type { Log } from "../logging/index.ts";
import { type Interruption, isInterruption, RequestInterrupted } from "../pipeline/job.ts";
import type { RequestEnd, RequestTrace, Tracing } from "../tracing/index.ts";
import { type ApiError, answerEarly, toApiError } from "./errors.ts";

type Handler = typeof spans.handler;
type Outcome = AtEnd<Handler>["outcome"];
export type TracedRoute = AtStart<Handler>["route"];

export interface ExchangeOptions {
  readonly tracing: Tracing;
  readonly log: Log;
  readonly modelName: string;
  readonly route: TracedRoute;
  /** How long the request may take; 0 for as long as it likes. */
  readonly timeoutMs: number;
}

const idPrefix = {
  "/v1/completions": "cmpl",
  "/v1/chat/completions": "chatcmpl",
  "/v1/embeddings": "embd",
  "/v1/rerank": "rerank",
} as const satisfies Readonly<Record<TracedRoute, string>>;

/** How long a client may take over the last that it is told of a request that was cut short. */
const closeTimeoutMs = 1_000;

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
  /** Whether the answer was sent to its end. */
  #isDelivered = false;
  #deadline: NodeJS.Timeout | undefined;

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
    { tracing, log, modelName, route, timeoutMs }: ExchangeOptions,
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
        if (timeoutMs > 0) {
          exchange.#deadline = setTimeout(() => exchange.interrupt("timeout"), timeoutMs);
        }
        // Under the name that OpenAI's clients look for.
        response.setHeader("x-request-id", requestId);
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

  /**
   * Stops the request, and tells its client at once: what runs for it may go on for seconds, because
   * native code cannot be interrupted. The exchange stays open until that has ended too.
   */
  interrupt(reason: Interruption): void {
    const hasAnswer = this.#error !== undefined;
    if (this.signal.aborted || (reason !== "aborted" && hasAnswer)) {
      // An answer may have to wait for that of an earlier request on the connection.
      return;
    }
    this.#interrupt.abort(new RequestInterrupted(reason));
    if (reason !== "aborted") {
      this.answerFailure(this.signal.reason);
      this.#closeSoon();
    }
  }

  /** Tells the client what ended its request, unless it has its answer or is gone. */
  answerFailure(thrown: unknown): void {
    const { response } = this;
    if (response.writableEnded || this.#isClosed) {
      return;
    }
    const error = this.fail(thrown);
    if (response.headersSent) {
      // A stream that has begun cannot change its status any more: it ends with an event that says why.
      response.end(`data: ${JSON.stringify(error.toBody())}\n\n`);
    } else {
      answerEarly(response, error, { closes: !this.isReceived });
    }
  }

  /** A client that does not read what it is told would keep its request open for ever. */
  #closeSoon(): void {
    const { response } = this;
    const closeSoon = (): unknown => setTimeout(() => response.destroy(), closeTimeoutMs).unref();
    // Behind an earlier request on the connection it has no socket yet: its time begins with it.
    if (response.socket === null) {
      response.once("socket", closeSoon);
    } else {
      closeSoon();
    }
  }

  /** Runs work for this request; the exchange stays open until it has ended. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const running = this.trace.run(work);
    this.#work.push(running.catch(() => undefined));
    return running;
  }

  /**
   * Nothing more can be sent, because all was or because the client left. In Node 22 a response that
   * waits behind another one on the same connection never hears of its end, so the application tells it.
   */
  connectionClosed(): void {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    // What is written from now on reaches nobody.
    this.#statusCode = this.response.headersSent ? this.response.statusCode : clientClosedRequest;
    this.#isDelivered = this.response.writableFinished;
    if (!this.#isDelivered) {
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
    clearTimeout(this.#deadline);
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

  /** A stage that threw outweighs a client that left, and so does a refusal that was sent before. */
  #outcome(): Outcome {
    if (this.#failed) {
      return "failed";
    }
    if (this.#isDelivered && this.#error === undefined) {
      // Also when its time was over, or the server stopped, on the last bit of the way.
      return "completed";
    }
    const reason: unknown = this.signal.aborted ? this.signal.reason : undefined;
    const wasRefused = this.#error !== undefined && this.#error.status === this.#statusCode;
    if (isInterruption(reason) && !(reason.outcome === "aborted" && wasRefused)) {
      return reason.outcome;
    }
    return "rejected";
  }

  #errorType(outcome: Outcome): string | undefined {
    switch (outcome) {
      case "completed":
      case "aborted":
        return undefined;
      case "timeout":
      case "shutdown":
        // Nobody was told when the client did not even read.
        return this.#error?.code ?? outcome;
      default:
        return this.#error?.code;
    }
  }
}
