import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, ask, type Body, type Route, type Target } from "./client.ts";
import { Words } from "./words.ts";

const pauseMs = 1_000;

/** Requests as many clients send them, none of which is meant to be an anomaly. */
export class OrdinaryLoad {
  readonly #words: Words;
  #sent = 0;
  #done = 0;
  #refused = 0;

  constructor(seed: number) {
    this.#words = new Words(seed);
  }

  get done(): number {
    return this.#done;
  }

  /** Those of them that the server refused, or that failed. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Sends requests of all kinds, a few at a time, until the deadline or the target's signal. Whoever else uses the
   * server has the other places in its queue.
   * @param endsAtMs as `performance.now()` counts
   */
  async run(
    target: Target,
    { endsAtMs, clients }: { endsAtMs: number; clients: number },
  ): Promise<void> {
    const client = async (): Promise<void> => {
      while (performance.now() < endsAtMs && !target.signal.aborted) {
        const { status } = await this.#send(target);
        this.#done += 1;
        if (status >= 400) {
          this.#refused += 1;
          // A refusal costs nothing to wait for: without a pause, thousands a second would follow.
          await sleep(pauseMs, undefined, { signal: target.signal });
        }
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
  }

  async #send(target: Target): Promise<Answer> {
    const kind = kinds[this.#sent % kinds.length] ?? kinds[0];
    this.#sent += 1;
    return await ask(target, kind.route, kind.body(this.#words));
  }
}

interface Kind {
  readonly route: Route;
  readonly body: (words: Words) => Body;
}

const topics = [
  "the weather",
  "a kettle",
  "an old letter",
  "trains at night",
  "a garden in winter",
] as const;

function chat(body: (words: Words) => Body, question = "Say something about "): Kind {
  return {
    route: "/v1/chat/completions",
    body: (words) => ({
      messages: [{ role: "user", content: `${question}${words.pick(topics)}.` }],
      ...body(words),
    }),
  };
}

const forecast = {
  type: "json_schema",
  json_schema: {
    name: "forecast",
    schema: {
      type: "object",
      properties: {
        sky: { enum: ["clear", "cloudy", "rain"] },
        degrees: { type: "integer", minimum: -20, maximum: 40 },
      },
      required: ["sky", "degrees"],
    },
  },
};

/** What is sent in turn. A request with retrieval asks about this project. */
const kinds: readonly [Kind, ...Kind[]] = [
  chat(() => ({ max_tokens: 24 })),
  chat(() => ({ max_tokens: 40, stream: true })),
  { route: "/v1/completions", body: () => ({ prompt: "Once upon a time", max_tokens: 16 }) },
  chat(() => ({ max_tokens: 60, response_format: forecast }), "Foresee the weather: "),
  chat(() => ({ max_tokens: 24, retrieval: {} }), "What does miniserve do with "),
  chat(() => ({ max_tokens: 96 })),
  { route: "/v1/embeddings", body: (words) => ({ input: [words.pick(topics), words.take(20)] }) },
  {
    route: "/v1/rerank",
    body: (words) => ({ query: words.pick(topics), documents: [words.take(20), words.take(20)] }),
  },
  {
    route: "/v1/completions",
    body: (words) => ({ prompt: ["In the morning", `Near ${words.pick(topics)}`], max_tokens: 8 }),
  },
  chat((words) => ({
    max_tokens: 16,
    messages: [
      { role: "system", content: "Answer in few words." },
      { role: "user", content: words.take(120) },
    ],
  })),
  chat(() => ({ max_tokens: 64, stream: true, stop: ["."] })),
];
