import { randomBytes } from "node:crypto";
import type { FastifyReply } from "fastify";
import type { Engine } from "../llama/engine/index.ts";
import type { Log } from "../logging/index.ts";
import { generate } from "../pipeline/generate.ts";
import { isInterruption } from "../pipeline/interruption.ts";
import type { Generation, Output } from "../pipeline/job.ts";
import type { Retriever } from "../retrieval/index.ts";
import {
  type AnswerFormat,
  type AnswerIdentity,
  chatAnswers,
  completionAnswers,
} from "./answers.ts";
import { EventStream } from "./event-stream.ts";
import type { Exchange, TracedRoute } from "./exchange.ts";
import { type ApiRequest, readChatRequest, readCompletionRequest } from "./parameters.ts";

interface GenerationRoute {
  readonly read: (body: unknown) => ApiRequest;
  readonly answers: (identity: AnswerIdentity) => AnswerFormat;
}

/** The routes that call the model: how each reads its body and puts its answer. */
export const generationRoutes: Readonly<Record<TracedRoute, GenerationRoute>> = {
  "/v1/completions": { read: readCompletionRequest, answers: completionAnswers },
  "/v1/chat/completions": { read: readChatRequest, answers: chatAnswers },
};

export interface GenerationDependencies {
  readonly engine: Engine;
  readonly retriever: Retriever;
  readonly log: Log;
  /** How long a client may leave a stream unread. */
  readonly readingLimitMs: number;
  /** Every how many decode steps one has a span of its own; 0 for none. */
  readonly stepSpansEvery: number;
}

/** Answers one request for the model, whole or as a stream. */
export async function answer(
  route: GenerationRoute,
  exchange: Exchange,
  body: unknown,
  reply: FastifyReply,
  { engine, retriever, log, readingLimitMs, stepSpansEvery }: GenerationDependencies,
): Promise<void> {
  if (exchange.signal.aborted) {
    // It was answered while its body was still on the way.
    reply.hijack();
    return;
  }
  const { parameters, stream, ...options } = route.read(body);
  exchange.trace.set({ streamed: stream });
  const format = route.answers({
    id: exchange.requestId,
    model: engine.modelName,
    createdAtSeconds: Math.floor(Date.now() / 1000),
  });
  const { trace, signal } = exchange;
  const job = { engine, retriever, log, trace, parameters, signal, stepSpansEvery };
  try {
    if (stream) {
      const onStalled = (): void => exchange.interrupt("timeout");
      const events = new EventStream({ reply, signal, readingLimitMs, onStalled });
      await generate({ ...job, output: streamedOutput(format, events, options) });
    } else {
      const output = new WholeOutput(format);
      await generate({ ...job, output });
      signal.throwIfAborted();
      reply.send(output.body);
    }
  } catch (error) {
    answerFailure(error, exchange, reply);
  }
}

/** Keeps the answer until it is whole; it is sent after the last stage has ended. */
class WholeOutput implements Output {
  readonly #answers: AnswerFormat;
  body: object | undefined;

  constructor(answers: AnswerFormat) {
    this.#answers = answers;
  }

  async piece(): Promise<void> {}

  async finish(generation: Generation): Promise<void> {
    this.body = this.#answers.whole(generation);
  }
}

function streamedOutput(
  format: AnswerFormat,
  events: EventStream,
  { includeUsage, includeObfuscation }: Pick<ApiRequest, "includeUsage" | "includeObfuscation">,
): Output {
  // A client that asks for the usage finds the field in each chunk, as at OpenAI.
  const send = (chunk: object): Promise<void> =>
    events.send(includeUsage ? { ...chunk, usage: null } : chunk);
  const open = async (): Promise<void> => {
    const first = format.first();
    if (!events.isOpen && first !== undefined) {
      await send(first);
    }
  };
  return {
    piece: async (characters, choiceIndex) => {
      await open();
      const piece = format.piece(characters, choiceIndex);
      await send(includeObfuscation ? { ...piece, obfuscation: paddingFor(characters) } : piece);
    },
    finish: async (generation) => {
      await open();
      for (const chunk of format.last(generation)) {
        await send(chunk);
      }
      if (includeUsage) {
        await events.send(format.usage(generation));
      }
      await events.send("[DONE]");
      events.end();
    },
  };
}

const paddedBytes = 32;

/** Fills a piece up to a length that says nothing about it to whoever watches an encrypted stream. */
function paddingFor(characters: string): string {
  const bytes = Buffer.byteLength(JSON.stringify(characters));
  const missing = paddedBytes - (bytes % paddedBytes);
  return randomBytes(missing).toString("hex").slice(0, missing);
}

/** What is thrown from here is answered as every other error, and with its headers. */
function answerFailure(thrown: unknown, exchange: Exchange, reply: FastifyReply): void {
  const { raw } = reply;
  if (isInterruption(thrown)) {
    // The client was told when it happened, or is gone.
    reply.hijack();
    if (thrown.outcome === "aborted") {
      raw.destroy();
    }
    return;
  }
  const error = exchange.fail(thrown);
  if (!raw.headersSent) {
    throw error;
  }
  exchange.answerFailure(error);
}
