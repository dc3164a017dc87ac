import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import type { Configuration } from "../config.ts";
import type { Engine } from "../llama/engine/index.ts";
import type { Logging } from "../logging/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Retriever } from "../retrieval/index.ts";
import type { Tracing } from "../tracing/index.ts";
import { Access } from "./access.ts";
import {
  ApiError,
  answerOnSocket,
  type ConnectionError,
  isDeparture,
  toApiError,
  toConnectionFault,
} from "./errors.ts";
import { Exchange, type ExchangeOptions, type TracedRoute } from "./exchange.ts";
import { answer, computeFingerprint, generationRoutes } from "./generation-route.ts";
import { answerVectors, vectorRoutes } from "./vector-routes.ts";

interface ApplicationParts {
  readonly configuration: Configuration;
  readonly engine: Engine;
  readonly retriever: Retriever;
  readonly model: ServedModel;
  readonly tracing: Tracing;
  readonly metrics: Metrics;
  readonly logging: Logging;
}

/** How often the limits of clients are looked at; Node's own 30 s would make 10 s 40 s. */
const limitCheckMs = 1_000;
/** How long clients may take over the last that they are told before the server stops. */
const closeTimeoutMs = 1_000;

/** The HTTP side of the server: who may call, which routes there are, and a trace for each request. */
export class Application {
  readonly #parts: ApplicationParts;
  readonly #access: Access;
  readonly #fastify: FastifyInstance;
  readonly #exchanges = new OpenExchanges();
  #isStopping = false;

  constructor(parts: ApplicationParts) {
    this.#parts = parts;
    this.#access = new Access(parts.configuration);
    const { configuration } = parts;
    const loggerInstance: FastifyBaseLogger = parts.logging.fastifyLogger;
    this.#fastify = Fastify({
      loggerInstance,
      logController: new LogController({ disableRequestLogging: true }),
      // What has these names is a field that nobody knows, like any other: nothing here merges objects.
      onProtoPoisoning: "ignore",
      onConstructorPoisoning: "ignore",
      bodyLimit: configuration.MINISERVE_BODY_LIMIT_BYTES,
      requestTimeout: configuration.MINISERVE_RECEIVE_TIMEOUT_MS,
      keepAliveTimeout: configuration.MINISERVE_KEEP_ALIVE_TIMEOUT_MS,
      http: {
        headersTimeout: configuration.MINISERVE_HEADERS_TIMEOUT_MS,
        connectionsCheckingInterval: limitCheckMs,
        // Node's own answer would have no body; `Access` refuses what comes without one.
        requireHostHeader: false,
      },
      // While stopping, requests get an answer of ours, in the shape of all others.
      return503OnClosing: false,
      clientErrorHandler: (error, socket) => this.#answerBroken(error, socket),
      frameworkErrors: (error, request, reply) => this.#answerError(error, request, reply),
    });
    this.#fastify.server.on("connection", (socket: Socket) => {
      socket.once("close", () => {
        for (const exchange of this.#exchanges.on(socket)) {
          exchange.connectionClosed();
        }
      });
    });
    // Nor would its 417; what a client expects besides 100-continue may be ignored.
    this.#fastify.server.on("checkExpectation", (request, response) => {
      this.#fastify.server.emit("request", request, response);
    });
    this.#addHooks();
    this.#addRoutes();
  }

  /** Requests for the model that are not over yet. */
  get requestsRunning(): number {
    return this.#exchanges.count;
  }

  /** @returns where it listens, with the port that was free when 0 was asked for. */
  async listen(): Promise<{ host: string; port: number }> {
    const { MINISERVE_HOST: host, MINISERVE_PORT: port } = this.#parts.configuration;
    await this.#fastify.listen({ host, port });
    const address = this.#fastify.server.address();
    return typeof address === "object" && address !== null
      ? { host: address.address, port: address.port }
      : { host, port };
  }

  /** Takes no more requests, lets the running ones finish up to the limit, interrupts the rest. */
  async stop(limitMs: number): Promise<void> {
    this.#isStopping = true;
    const closeAll = (): void => this.#fastify.server.closeAllConnections();
    let farewell: NodeJS.Timeout | undefined;
    const interruption = setTimeout(() => {
      this.#exchanges.interruptAll();
      // A client that does not read what it is told would keep its request open for ever.
      farewell = setTimeout(closeAll, closeTimeoutMs);
    }, limitMs);
    await this.#exchanges.over();
    clearTimeout(interruption);
    clearTimeout(farewell);
    // So would one that has sent half a request, which is no request yet.
    const lastFarewell = setTimeout(closeAll, closeTimeoutMs);
    await this.#fastify.close();
    clearTimeout(lastFarewell);
    // Requests that came meanwhile and were refused.
    await this.#exchanges.over();
  }

  #addHooks(): void {
    this.#fastify.addHook("onRequest", async (request, reply) => {
      const route = request.routeOptions.url;
      if (isTraced(route) && request.method === "POST") {
        const { tracing, logging, engine, retriever, configuration } = this.#parts;
        this.#exchanges.open(request.raw, reply.raw, {
          tracing,
          log: logging.log,
          modelName: isVectorRoute(route)
            ? vectorRoutes[route].modelName(retriever)
            : engine.modelName,
          route,
          timeoutMs: configuration.MINISERVE_REQUEST_TIMEOUT_MS,
        });
      }
      this.#access.checkCaller(request.raw);
      for (const [name, value] of Object.entries(this.#access.headersFor(request.raw))) {
        reply.raw.setHeader(name, value);
      }
      if (this.#access.isPreflight(request.raw)) {
        return reply.code(204).send();
      }
      if (this.#isStopping && !healthRoutes.has(route)) {
        reply.header("connection", "close");
        throw new ApiError("shutting_down");
      }
      return undefined;
    });
    this.#fastify.setErrorHandler((error, request, reply) => {
      this.#answerError(error, request, reply);
    });
    this.#fastify.setNotFoundHandler((request, reply) => {
      const [path = ""] = request.url.split("?");
      const allowed = ["GET", "HEAD", "POST"].filter((method) =>
        this.#fastify.hasRoute({ method, url: path }),
      );
      if (allowed.length > 0) {
        reply.header("allow", allowed.join(", "));
      }
      const code = allowed.length > 0 ? "method_not_allowed" : "not_found";
      this.#answerError(new ApiError(code), request, reply);
    });
  }

  #addRoutes(): void {
    const { engine, retriever, model, metrics, logging, configuration } = this.#parts;
    // Fastify reads text/plain too; nothing here takes it.
    this.#fastify.removeContentTypeParser("text/plain");
    const checkKey = async (request: FastifyRequest): Promise<void> => {
      this.#access.checkKey(request.raw);
    };
    const checkRequest = async (request: FastifyRequest): Promise<void> => {
      this.#access.checkKey(request.raw);
      checkEncoding(request.headers);
    };
    const { log } = logging;
    const dependencies = {
      engine,
      fingerprint: computeFingerprint(engine),
      retriever,
      log,
      readingLimitMs: configuration.MINISERVE_READING_TIMEOUT_MS,
      stepSpansEvery: configuration.MINISERVE_DECODE_STEP_SPANS,
    };
    const post = (
      route: string,
      answers: (exchange: Exchange, body: unknown, reply: FastifyReply) => Promise<void>,
    ): void => {
      this.#fastify.post(route, { onRequest: checkRequest }, async (request, reply) => {
        const exchange = this.#exchanges.of(request.raw);
        if (exchange === undefined) {
          throw new Error("A request for the model has no exchange.");
        }
        if (exchange.signal.aborted) {
          // It was answered while its body was still on the way.
          reply.hijack();
          return;
        }
        await exchange.run(() => answers(exchange, request.body, reply));
        return reply;
      });
    };
    for (const [route, generation] of Object.entries(generationRoutes)) {
      post(route, (...given) => answer(generation, ...given, dependencies));
    }
    for (const [route, vectors] of Object.entries(vectorRoutes)) {
      post(route, (...given) => answerVectors(vectors, ...given, dependencies));
    }
    addServiceRoutes(this.#fastify, {
      engine,
      retriever,
      model,
      metrics,
      checkKey,
      isStopping: () => this.#isStopping,
    });
  }

  #answerBroken(error: ConnectionError, socket: Socket): void {
    const fault = toConnectionFault(error);
    const exchanges = this.#exchanges.on(socket);
    const [exchange] = exchanges;
    if (isDeparture(error) || exchanges.some(({ isReceived }) => isReceived)) {
      // Behind a whole request an answer to what is broken could be taken for the answer to it.
      socket.destroy();
    } else if (exchange === undefined) {
      answerOnSocket(socket, fault);
    } else {
      exchange.answerFailure(fault);
    }
  }

  #answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = this.#exchanges.of(request.raw)?.fail(thrown) ?? toApiError(thrown);
    if (reply.sent) {
      return;
    }
    if (error.values.retryAfterSeconds !== undefined) {
      reply.header("retry-after", String(error.values.retryAfterSeconds));
    }
    if (error.code === "invalid_api_key") {
      reply.header("www-authenticate", "Bearer");
    }
    reply.code(error.status).type("application/json; charset=utf-8").send(error.toBody());
  }
}

function isTraced(route: string | undefined): route is TracedRoute {
  return route !== undefined && (Object.hasOwn(generationRoutes, route) || isVectorRoute(route));
}

function isVectorRoute(route: string): route is keyof typeof vectorRoutes {
  return Object.hasOwn(vectorRoutes, route);
}

/** ASCII is a part of it. */
const utf8Names: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii"]);

/**
 * Which media type a body has is judged by Fastify; here, that it is in UTF-8 and not compressed. Both
 * would otherwise be ignored, and the bytes taken for something that they are not.
 * @throws ApiError `unsupported_media_type`.
 */
function checkEncoding(headers: IncomingHttpHeaders): void {
  const [, charset = "utf-8"] =
    /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers["content-type"] ?? "") ?? [];
  const compression = headers["content-encoding"] || "identity";
  if (!utf8Names.has(charset.toLowerCase()) || compression.toLowerCase() !== "identity") {
    throw new ApiError("unsupported_media_type");
  }
}

/** The requests for the model that are not over yet. */
class OpenExchanges {
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

interface ServedModel {
  /** Where its file came from. */
  readonly source: string;
  /** Whether it is the generated stand-in that answers with nonsense. */
  readonly degraded: boolean;
}

interface ServiceRouteParts {
  readonly engine: Engine;
  readonly retriever: Retriever;
  readonly model: ServedModel;
  readonly metrics: Metrics;
  readonly checkKey: (request: FastifyRequest) => Promise<void>;
  readonly isStopping: () => boolean;
}

/** Where the health of the server can be asked: without a key, and also while it stops. */
const healthRoutes: ReadonlySet<string | undefined> = new Set(["/healthz", "/readyz"]);

const degradedWarning =
  "No real model could be had. This one is generated and answers with nonsense.";

/** The routes that do not call the model. They have no trace. */
function addServiceRoutes(
  fastify: FastifyInstance,
  { engine, retriever, model, metrics, checkKey, isStopping }: ServiceRouteParts,
): void {
  const warning = model.degraded ? { warning: degradedWarning } : {};
  const createdAtSeconds = Math.floor(Date.now() / 1000);

  const common = { object: "model", created: createdAtSeconds, owned_by: "miniserve" };
  const served = {
    id: engine.modelName,
    ...common,
    context_length: engine.contextTokens,
    ...warning,
  };

  const { embedder, ranker } = retriever;
  const others = [
    { id: embedder.name, context_length: embedder.maxTextTokens, dimension: embedder.dimension },
    ...(ranker === undefined ? [] : [{ id: ranker.name, context_length: ranker.maxPairTokens }]),
  ].map((model) => ({ ...common, ...model }));
  // What answers comes first: some clients take the first.
  const models = [served, ...others];

  fastify.get("/v1/models", { onRequest: checkKey }, async () => ({
    object: "list",
    data: models,
  }));

  fastify.get<{ Params: { id: string } }>(
    "/v1/models/:id",
    { onRequest: checkKey },
    async ({ params }) => {
      const found = models.find(({ id }) => id === params.id);
      if (found === undefined) {
        const names = models.map(({ id }) => id).join(", ");
        throw new ApiError("not_found", { message: `The models here are ${names}.` });
      }
      return found;
    },
  );

  fastify.get("/metrics", { onRequest: checkKey }, async (_request, reply) => {
    reply.type("text/plain; version=0.0.4; charset=utf-8");
    return await metrics.prometheusText();
  });

  fastify.get("/healthz", async () => ({ status: "alive" }));

  fastify.get("/readyz", async (_request, reply) => {
    if (isStopping()) {
      reply.code(503);
      return { status: "stopping" };
    }
    const { slotsBusy, queueLength } = engine.status();
    return {
      status: model.degraded ? "degraded" : "ready",
      model: engine.modelName,
      model_source: model.source,
      ...warning,
      slots: engine.slotCount,
      slots_busy: slotsBusy,
      queue_length: queueLength,
      embedding_model: retriever.status.embeddingModel,
      embedding_is_lexical: retriever.status.isLexical,
    };
  });
}
