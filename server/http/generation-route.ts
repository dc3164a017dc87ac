import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { FastifyReply } from "fastify";
import type { AnswerPiece, Engine } from "../llama/engine/index.ts";
import type { Log } from "../logging/index.ts";
import { generate } from "../pipeline/generate.ts";
import {
  type Generation,
  isInterruption,
  type MadeCall,
  type Output,
  type SaidToken,
} from "../pipeline/job.ts";
import type { Retriever } from "../retrieval/index.ts";
import type { Exchange, TracedRoute } from "./exchange.ts";
import { createChatLogprobs, createCompletionLogprobs, lengthOf } from "./logprobs.ts";
import { type ApiRequest, readChatRequest, readCompletionRequest } from "./parameters.ts";

interface GenerationRoute {
  readonly read: (body: unknown) => ApiRequest;
  readonly answers: (identity: AnswerIdentity) => AnswerFormat;
}

/** The routes that call the model: how each reads its body and puts its answer. */
export const generationRoutes = {
  "/v1/completions": { read: readCompletionRequest, answers: completionAnswers },
  "/v1/chat/completions": { read: readChatRequest, answers: chatAnswers },
} as const satisfies Readonly<Partial<Record<TracedRoute, GenerationRoute>>>;

interface GenerationDependencies {
  readonly engine: Engine;
  readonly fingerprint: string;
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
  { engine, fingerprint, retriever, log, readingLimitMs, stepSpansEvery }: GenerationDependencies,
): Promise<void> {
  const { parameters, stream, ...options } = route.read(body);
  exchange.trace.set({ streamed: stream });
  const format = route.answers({
    id: exchange.requestId,
    model: engine.modelName,
    createdAtSeconds: Math.floor(Date.now() / 1000),
    fingerprint,
  });
  const { trace, signal } = exchange;
  const job = { engine, retriever, log, trace, parameters, signal, stepSpansEvery };
  try {
    if (stream) {
      const onStalled = (): void => exchange.interrupt("timeout");
      const events = new EventStream({ reply, signal, readingLimitMs, onStalled });
      await generate({ ...job, output: streamedOutput(format, events, options) });
    } else {
      const output = new BufferedOutput(format);
      await generate({ ...job, output });
      signal.throwIfAborted();
      reply.send(output.body);
    }
  } catch (error) {
    answerFailure(error, exchange, reply);
  }
}

/** Keeps the answer until it is whole; it is sent after the last stage has ended. */
class BufferedOutput implements Output {
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
  const opened = new Set<number>();
  const open = async (index: number, content: "" | null): Promise<void> => {
    const first = opened.has(index) ? undefined : format.first(index, content);
    opened.add(index);
    if (first !== undefined) {
      await send(first);
    }
  };
  return {
    piece: async (piece, choiceIndex, tokens) => {
      await open(choiceIndex, piece.kind === "text" ? "" : null);
      const chunk = format.piece(piece, choiceIndex, tokens);
      const said = piece.kind === "call" ? piece.name : piece.characters;
      await send(includeObfuscation ? { ...chunk, obfuscation: paddingFor(said) } : chunk);
    },
    finish: async (generation) => {
      for (const index of generation.choices.keys()) {
        await open(index, "");
      }
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
export function answerFailure(thrown: unknown, exchange: Exchange, reply: FastifyReply): void {
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

interface EventStreamOptions {
  readonly reply: FastifyReply;
  /** Aborted when the request is interrupted. */
  readonly signal: AbortSignal;
  readonly readingLimitMs: number;
  /** Called when the client has not read for so long; it is to interrupt the request. */
  readonly onStalled: () => void;
}

/** Server-sent events on a response, opened by the first one, so that errors before it keep their status. */
class EventStream {
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

interface AnswerIdentity {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly createdAtSeconds: number;
  readonly fingerprint: string;
}

/** Another one means that the same seed may give another answer. */
export function computeFingerprint({ modelName, contextTokens }: Engine): string {
  const digest = createHash("sha256").update(`${modelName} ${contextTokens}`).digest("hex");
  return `fp_${digest.slice(0, 10)}`;
}

type SaidTokenList = readonly SaidToken[] | undefined;

/** How a route puts a generation into OpenAI's shapes. */
interface AnswerFormat {
  /** The body of an answer in one piece. */
  whole(generation: Generation): object;
  /** The chunk that opens a choice, where the route has one; without content before a call. */
  first(choiceIndex: number, content: "" | null): object | undefined;
  /** A chunk with a piece of an answer, and its tokens where they are asked for. */
  piece(piece: AnswerPiece, choiceIndex: number, tokens: SaidTokenList): object;
  /** The chunks that say why generation ended, one for each choice. */
  last(generation: Generation): object[];
  /** The chunk with the usage, for clients that ask for it. */
  usage(generation: Generation): object;
}

function createEnvelope({ id, model, createdAtSeconds, fingerprint }: AnswerIdentity) {
  return { id, created: createdAtSeconds, model, system_fingerprint: fingerprint };
}

function completionAnswers(identity: AnswerIdentity): AnswerFormat {
  const envelope = { ...createEnvelope(identity), object: "text_completion" };
  /** Of a stream: the characters of each choice's tokens so far. */
  const offsets = new Map<number, number>();
  const choice = (
    { text, index, tokens }: { text: string; index: number; tokens?: SaidTokenList },
    finishReason: string | null,
  ) => ({
    text,
    index,
    logprobs: createCompletionLogprobs(tokens, offsets.get(index) ?? 0),
    finish_reason: finishReason,
  });
  return {
    whole: (generation) => ({
      ...envelope,
      choices: generation.choices.map(({ characters: text, tokens, finishReason }, index) =>
        choice({ text, index, tokens }, finishReason),
      ),
      usage: createUsageBody(generation),
      ...createRetrievalBody(generation),
    }),
    first: () => undefined,
    piece: (piece, index, tokens) => {
      const text = piece.kind === "text" ? piece.characters : "";
      const chunk = { ...envelope, choices: [choice({ text, index, tokens }, null)] };
      offsets.set(index, (offsets.get(index) ?? 0) + lengthOf(tokens ?? []));
      return chunk;
    },
    last: (generation) =>
      generation.choices.map(({ finishReason }, index) => ({
        ...envelope,
        choices: [choice({ text: "", index }, finishReason)],
        ...createRetrievalBody(generation),
      })),
    usage: (generation) => ({ ...envelope, choices: [], usage: createUsageBody(generation) }),
  };
}

function chatAnswers(identity: AnswerIdentity): AnswerFormat {
  const envelope = createEnvelope(identity);
  const chunk = (
    { delta, index, tokens }: { delta: object; index: number; tokens?: SaidTokenList },
    finishReason: string | null,
  ) => ({
    ...envelope,
    object: "chat.completion.chunk",
    choices: [{ index, delta, logprobs: createChatLogprobs(tokens), finish_reason: finishReason }],
  });
  return {
    whole: (generation) => ({
      ...envelope,
      object: "chat.completion",
      choices: generation.choices.map(({ characters, calls, tokens, finishReason }, index) => ({
        index,
        message: {
          role: "assistant",
          content: characters === "" && calls.length > 0 ? null : characters,
          refusal: null,
          ...(calls.length === 0 ? {} : { tool_calls: calls.map(createCallBody) }),
        },
        logprobs: createChatLogprobs(tokens),
        finish_reason: finishReason,
      })),
      usage: createUsageBody(generation),
      ...createRetrievalBody(generation),
    }),
    first: (index, content) => chunk({ delta: { role: "assistant", content }, index }, null),
    piece: (piece, index, tokens) => chunk({ delta: createDelta(piece), index, tokens }, null),
    last: (generation) =>
      generation.choices.map(({ finishReason }, index) => ({
        ...chunk({ delta: {}, index }, finishReason),
        ...createRetrievalBody(generation),
      })),
    usage: (generation) => ({
      ...envelope,
      object: "chat.completion.chunk",
      choices: [],
      usage: createUsageBody(generation),
    }),
  };
}

function createCallBody({ id, name, json }: MadeCall): object {
  return { id, type: "function", function: { name, arguments: json } };
}

/** A call opens with its name and no arguments; they follow in pieces. */
function createDelta(piece: AnswerPiece): object {
  switch (piece.kind) {
    case "text":
      return { content: piece.characters };
    case "call": {
      const { call: index, id, name } = piece;
      return { tool_calls: [{ index, ...createCallBody({ id, name, json: "" }) }] };
    }
    case "arguments": {
      const { call: index, characters } = piece;
      return { tool_calls: [{ index, function: { arguments: characters } }] };
    }
    default:
      return piece satisfies never;
  }
}

/** Which passages the model got: an extension of ours, only where retrieval was asked for. */
function createRetrievalBody({ retrieval }: Generation): object {
  return retrieval === undefined ? {} : { retrieval };
}

function createUsageBody({ tokensIn, tokensOut, cacheHits }: Generation): object {
  return {
    prompt_tokens: tokensIn,
    completion_tokens: tokensOut,
    total_tokens: tokensIn + tokensOut,
    prompt_tokens_details: { cached_tokens: cacheHits },
  };
}
