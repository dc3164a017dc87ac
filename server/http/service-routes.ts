import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Engine } from "../llama/engine/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Retriever } from "../retrieval/index.ts";
import { ApiError } from "./errors.ts";

export interface ServedModel {
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
export const healthRoutes: ReadonlySet<string | undefined> = new Set(["/healthz", "/readyz"]);

const degradedWarning =
  "No real model could be had. This one is generated and answers with nonsense.";

/** The routes that do not call the model. They have no trace. */
export function addServiceRoutes(
  fastify: FastifyInstance,
  { engine, retriever, model, metrics, checkKey, isStopping }: ServiceRouteParts,
): void {
  const warning = model.degraded ? { warning: degradedWarning } : {};
  const createdAtSeconds = Math.floor(Date.now() / 1000);

  const served = {
    id: engine.modelName,
    object: "model",
    created: createdAtSeconds,
    owned_by: "miniserve",
    context_length: engine.contextTokens,
    ...warning,
  };

  fastify.get("/v1/models", { onRequest: checkKey }, async () => ({
    object: "list",
    data: [served],
  }));

  fastify.get<{ Params: { id: string } }>(
    "/v1/models/:id",
    { onRequest: checkKey },
    async ({ params }) => {
      if (params.id !== served.id) {
        throw new ApiError("not_found", { message: `The model here is ${served.id}.` });
      }
      return served;
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
