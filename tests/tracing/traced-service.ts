import { after, afterEach } from "node:test";
import { type LogEvent, type Span, validateTrace } from "#contract";
import {
  activeSpanIds,
  type Environment,
  type RequestStart,
  type RequestTrace,
  startTracing,
  type Tracing,
  type TracingContract,
  type TracingOptions,
} from "../../server/tracing/index.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { spans, traced } from "./traced-contract.ts";

export type Handler = typeof spans.handler;

/** What a stopped request throws, as in the server. */
export class Interrupted extends Error {}

export interface Line {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly trace_id?: string;
  readonly span_id?: string;
}

/** Tracing as a server has it, with its log lines in a list, and the receiver that it sends to. */
export interface TracedService {
  readonly tracing: Tracing;
  readonly receiver: OtlpReceiver;
  readonly lines: Line[];
  stop(): Promise<void>;
}

interface ServiceOptions {
  readonly contract?: TracingContract;
  readonly receiver?: OtlpReceiver;
  readonly retry?: TracingOptions["retry"];
  readonly environment?: Environment;
}

export async function startTracedService(options: ServiceOptions = {}): Promise<TracedService> {
  const { contract = traced, retry = {}, environment = {} } = options;
  const receiver = options.receiver ?? (await OtlpReceiver.start());
  const lines: Line[] = [];
  // The SDK reads its variables from the process itself.
  const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcEndpoint, ...environment };
  Object.assign(process.env, variables);
  const tracing = startTracing(contract, {
    log: (event: LogEvent, fields) => {
      lines.push({ event: event.name, fields: fields as Line["fields"], ...activeSpanIds() });
    },
    serviceVersion: "0123abc",
    environment: process.env,
    isInterruption: (thrown) => thrown instanceof Interrupted,
    retry,
  });
  const stop = async () => {
    await tracing.shutdown();
    await receiver.stop();
    for (const variable of Object.keys(variables)) {
      delete process.env[variable];
    }
  };
  return { tracing, receiver, lines, stop };
}

/** One service for all tests of a file, whose log each test finds empty. */
export async function serveTests(): Promise<TracedService> {
  const service = await startTracedService();
  afterEach(() => {
    service.lines.length = 0;
  });
  after(() => service.stop());
  return service;
}

let requests = 0;

/** What a request starts with; a body that throws is a failure with status 500. */
export function requestStart(given: Partial<RequestStart<Handler>> = {}): RequestStart<Handler> {
  requests += 1;
  const requestId = `cmpl-${requests.toString(16).padStart(32, "0")}`;
  return {
    headers: {},
    values: { method: "POST", route: "/v1/completions", model: "test-model", requestId },
    onThrow: (thrown) =>
      thrown instanceof Interrupted
        ? { statusCode: 499, outcome: "aborted" }
        : { statusCode: 500, outcome: "failed", errorType: "internal_error" },
    ...given,
  };
}

export const completed = { statusCode: 200, outcome: "completed" } as const;
export const decoded = {
  tokensOut: 3,
  decodeSteps: 4,
  meanStepMs: 1.5,
  stopReason: "stop",
} as const;

type Request = RequestTrace<Handler>;

export async function tokenize(request: Request): Promise<void> {
  await request.stage(spans.tokenize, { tokenizerName: "llama" }, async (stage) =>
    stage.done(undefined, { tokensIn: 5 }),
  );
}

async function retrieve(request: Request): Promise<void> {
  await request.stage(spans.retrieve, { indexName: "docs" }, async (stage) => {
    for (const definition of [spans.embedQuery, spans.vectorSearch, spans.rerank]) {
      await stage.stage(definition, {}, async (inner) => inner.done(undefined, {}));
    }
    return stage.done(undefined, { docsRetrieved: 8, docsReranked: 3 });
  });
}

export async function prefill(request: Request): Promise<void> {
  await request.stage(spans.prefill, { model: "test-model" }, async (stage) =>
    stage.done(undefined, { tokensIn: 5, cacheHits: 2, cacheMisses: 3 }),
  );
}

export async function decode(request: Request): Promise<void> {
  await request.stage(spans.decode, { model: "test-model" }, async (stage) =>
    stage.done(undefined, decoded),
  );
}

export async function format(request: Request): Promise<void> {
  await request.stage(spans.format, { outputFormat: "text" }, async (stage) =>
    stage.done(undefined, { tokensOut: decoded.tokensOut }),
  );
}

/** A request that runs through all its stages. @returns its trace id. */
export function completeRequest(
  tracing: Tracing,
  options: { readonly retrieval?: boolean; readonly start?: Partial<RequestStart<Handler>> } = {},
): Promise<string> {
  return tracing.traceRequest(spans.handler, requestStart(options.start), async (request) => {
    await tokenize(request);
    if (options.retrieval) {
      await retrieve(request);
    }
    await prefill(request);
    await decode(request);
    await format(request);
    return request.done(request.traceId, completed);
  });
}

/** What the contract has against the spans, each in a line. */
export function violations(found: readonly Span[]): string[] {
  return validateTrace(traced, found).map((violation) => JSON.stringify(violation));
}
