import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { logEvents } from "#miniserve";
import { type Answer, ask, leaveStream, type Target } from "./client.ts";
import { OwnFolders, OwnServer } from "./own-server.ts";
import { makePlants, type Plant, type Planted } from "./plant.ts";
import type { Words } from "./words.ts";

export interface OwnPlantOptions {
  /** Where the stack takes spans. */
  readonly otlpUrl: string;
  readonly signal: AbortSignal;
  readonly words: Words;
  readonly onPlanted: (planted: Planted) => void;
  /** The first of these traces that a saved query finds by now; waits a moment for their spans. */
  readonly findSoon: (queryId: string, traceIds: readonly string[]) => Promise<string | undefined>;
}

/** What makes the own server another than the one of the stack: impatient, with one place, and a build of its own. */
const commonSettings = {
  MINISERVE_HOST: "127.0.0.1",
  MINISERVE_PORT: "0",
  MINISERVE_API_KEY: "",
  MINISERVE_GPU: "off",
  MINISERVE_EMBEDDING_MODEL: "",
  MINISERVE_RERANK_MODEL: "",
  MINISERVE_SLOT_TOKENS: "2048",
  MINISERVE_PREFILL_CHUNK_TOKENS: "16",
  MINISERVE_QUEUE_LIMIT: "64",
  MINISERVE_REQUEST_TIMEOUT_MS: "5000",
  MINISERVE_SHUTDOWN_LIMIT_MS: "100",
  MINISERVE_LOG_LEVEL: "info",
  MINISERVE_LOG_FILE: "",
  MINISERVE_INDEX_DOCS: "0",
  OTEL_SDK_DISABLED: "",
  OTEL_TRACES_SAMPLER: "",
  OTEL_METRICS_EXPORTER: "none",
  OTEL_SERVICE_NAME: "",
  OTEL_RESOURCE_ATTRIBUTES: "service.version=demo",
};

/** Steps of the model are short: one of these pauses falls into one. */
const stutter = [900, 900, 900];
/** How often something is tried that depends on the right moment. */
const attempts = 6;
const slotTokens = 2048;

/**
 * The anomalies that need a server which can be held up, overloaded and killed. Its clients and its faults are real;
 * only its build and its model are not those of the stack.
 */
export async function makeOwnPlants(options: OwnPlantOptions): Promise<void> {
  const folders = new OwnFolders();
  try {
    await folders.buildIndex("notes", listNotes(options.words));
    await folders.buildIndex("hollow", " \n");
    await folders.buildIndex("broken", `# Broken\n\n${options.words.take(20)}\n`);
    breakIndex(join(folders.settings.MINISERVE_INDEXES_DIRECTORY ?? "", "broken"));
    const settings = {
      ...commonSettings,
      ...folders.settings,
      OTEL_EXPORTER_OTLP_ENDPOINT: options.otlpUrl,
    };
    await withServer({ ...settings, ...hesitant }, options, listHeldUpPlants);
    await withServer({ ...settings, ...forgetful }, options, listLostPlants);
    await withServer({ ...settings, ...hesitant }, options, listKilledPlants);
  } catch (error) {
    // Ctrl-C ends the processes that the demo has started, too.
    if (!options.signal.aborted) {
      throw error;
    }
  } finally {
    folders.remove();
  }
}

const hesitant = {
  MINISERVE_SLOTS: "1",
  MINISERVE_DECODE_STEP_SPANS: "every:8",
  OTEL_BSP_SCHEDULE_DELAY: "100",
};
/** Its exporter has room for so few spans that it has to drop some. */
const forgetful = {
  MINISERVE_SLOTS: "8",
  MINISERVE_DECODE_STEP_SPANS: "off",
  OTEL_BSP_SCHEDULE_DELAY: "40",
  OTEL_BSP_MAX_QUEUE_SIZE: "1",
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "1",
};

type ListPlants = (server: OwnServer, options: OwnPlantOptions) => readonly Plant[];

async function withServer(
  settings: Readonly<Record<string, string>>,
  options: OwnPlantOptions,
  list: ListPlants,
): Promise<void> {
  if (options.signal.aborted) {
    return;
  }
  const server = await OwnServer.start(settings);
  try {
    await makePlants(list(server, options), { ...options, server: "demo" });
  } finally {
    // Its last spans are still to be exported.
    await server.end("SIGTERM");
  }
}

/** Enough passages that comparing them takes a while. */
function listNotes(words: Words): string {
  return Array.from({ length: 60 }, (_, index) => `# Note ${index}\n\n${words.take(150)}.\n`).join(
    "\n",
  );
}

/** Its passages are no JSON any more. */
function breakIndex(folder: string): void {
  const contents = readdirSync(folder).find((name) => name.startsWith("contents."));
  writeFileSync(join(folder, contents ?? "", "passages.jsonl"), "{\n");
}

const { inputTokenized, inputPrefilled } = logEvents;

function listHeldUpPlants(server: OwnServer, options: OwnPlantOptions): readonly Plant[] {
  const { words, signal } = options;
  const target = server.target(signal);
  const requests = new OwnRequests(target, words);
  const until = (
    ids: readonly string[],
    make: (attempt: number) => Promise<Answer | readonly Answer[]>,
  ) => tryUntilFound(options, ids, make);
  return [
    {
      what: "a long input, right after a start",
      foundBy: ["cold-cache"],
      make: async () => [await requests.chat(words.take(600), 4)],
    },
    {
      what: "retrieval that is held up",
      foundBy: ["slow-retrieval"],
      make: () =>
        until(["slow-retrieval"], (attempt) =>
          // Questions are embedded one after another: most of them still wait.
          server.heldUp(15 * attempt, 1_300, requests.retrieveMany("notes", 12)),
        ),
    },
    {
      what: "a long input whose prefill is held up",
      foundBy: ["prefill-dominates", "slow-first-token"],
      make: () =>
        until(["slow-first-token", "prefill-dominates"], async (attempt) => {
          const input = await words.fill(1_700, target);
          return await server.heldUp(100 + 50 * attempt, 2_300, requests.list(8, input));
        }),
    },
    {
      what: "a request behind another, in the only slot",
      foundBy: ["waiting-for-slot"],
      make: () =>
        until(["waiting-for-slot"], async () => {
          const first = requests.list(1_700);
          await server.event(inputPrefilled.name, first);
          const second = requests.chat("Is it my turn?", 4);
          const answer = await server.heldUp(inputTokenized.name, 1_300, second);
          await first;
          return answer;
        }),
    },
    {
      what: "an answer that comes slowly, word by word",
      foundBy: ["slow-decode-steps"],
      make: () =>
        until(["slow-decode-steps"], () =>
          server.heldUp(inputPrefilled.name, stutter, requests.list(6)),
        ),
    },
    {
      what: "a request that reaches its time limit",
      foundBy: ["timeout-requests"],
      make: () =>
        until(["timeout-requests"], () =>
          server.heldUp(inputPrefilled.name, 5_200, requests.list(1_500)),
        ),
    },
    {
      what: "retrieval from an empty index",
      foundBy: ["retrieval-found-nothing"],
      make: async () => [await requests.retrieve("hollow", 4)],
    },
    {
      what: "passages that no room is left for",
      foundBy: ["rerank-kept-nothing"],
      make: async () => {
        const input = await words.fill(600, target);
        const { inputTokens = 0 } = await requests.chat(input, 0);
        const left = slotTokens - inputTokens - 1;
        return [await requests.retrieve("notes", left, input)];
      },
    },
    {
      what: "a stage that fails: the index is damaged",
      foundBy: ["failed-stages", "failed-requests"],
      make: async () => [await requests.retrieve("broken", 4)],
    },
    {
      what: "a request that the server's end cuts off",
      foundBy: ["shutdown-requests"],
      make: () =>
        cutOff(server, "SIGTERM", {
          stream: (ended) => leaveStream(target, requests.listBody(1_900), ended),
          comesSoFar: () => sleep(50),
        }),
    },
  ];
}

function listLostPlants(server: OwnServer, options: OwnPlantOptions): readonly Plant[] {
  const { words, signal } = options;
  const target = server.target(signal);
  const requests = new OwnRequests(target, words);
  return [
    {
      what: "spans that the exporter had no room for",
      foundBy: ["incomplete-trees"],
      make: async () => {
        for (let attempt = 0; attempt < attempts; attempt++) {
          // Of the same length, so that many of their spans end at once.
          const answers = await Promise.all(Array.from({ length: 32 }, () => requests.list(40)));
          const traceIds = answers.map(({ traceId }) => traceId);
          const found = await options.findSoon("incomplete-trees", traceIds);
          if (found !== undefined) {
            return answers.filter(({ traceId }) => traceId === found);
          }
        }
        throw new Error("No trace lost just the span of a stage.");
      },
    },
  ];
}

function listKilledPlants(server: OwnServer, options: OwnPlantOptions): readonly Plant[] {
  const { words, signal } = options;
  const target = server.target(signal);
  const requests = new OwnRequests(target, words);
  return [
    {
      what: "a request whose server is killed",
      foundBy: ["orphans"],
      make: () =>
        cutOff(server, "SIGKILL", {
          stream: (ended) => leaveStream(target, requests.listBody(1_900), ended),
          comesSoFar: async () => {
            await Promise.race([server.event(inputPrefilled.name), sleep(2_000)]);
            // Long enough for the first stages to be exported.
            await sleep(400);
          },
        }),
    },
  ];
}

/** The requests that plants are made of. */
class OwnRequests {
  readonly #target: Target;
  readonly #words: Words;

  constructor(target: Target, words: Words) {
    this.#target = target;
    this.#words = words;
  }

  chat(content: string, maxTokens: number, rest = {}): Promise<Answer> {
    const messages = [{ role: "user", content }];
    return ask(this.#target, "/v1/chat/completions", { messages, max_tokens: maxTokens, ...rest });
  }

  /** Long questions, all at once. */
  retrieveMany(index: string, count: number): Promise<readonly Answer[]> {
    const ask = () => this.retrieve(index, 1, this.#words.take(120));
    return Promise.all(Array.from({ length: count }, ask));
  }

  retrieve(index: string, maxTokens: number, content = this.#words.take(12)): Promise<Answer> {
    return this.chat(content, maxTokens, { retrieval: { index, top_k: 60, rerank_k: 1 } });
  }

  /** An answer of so many tokens: without a list to fill, the model might end at once. */
  list(tokens: number, content?: string): Promise<Answer> {
    return ask(this.#target, "/v1/chat/completions", this.listBody(tokens, content));
  }

  listBody(tokens: number, content = this.#words.take(8)) {
    const schema = { type: "array", items: { type: "boolean" }, minItems: Math.min(tokens, 1_000) };
    return {
      messages: [{ role: "user", content }],
      max_tokens: tokens,
      response_format: { type: "json_schema", json_schema: { name: "list", schema } },
    };
  }
}

/** Ends a server in the middle of a stream, whose client stays until then. */
async function cutOff(
  server: OwnServer,
  signal: "SIGTERM" | "SIGKILL",
  {
    stream,
    comesSoFar,
  }: {
    readonly stream: (ended: Promise<void>) => Promise<Answer>;
    readonly comesSoFar: () => Promise<void>;
  },
): Promise<readonly Answer[]> {
  const ended = Promise.withResolvers<void>();
  const answer = stream(ended.promise);
  await comesSoFar();
  await server.end(signal);
  ended.resolve();
  return [await answer];
}

/** Tries again what missed its moment. */
async function tryUntilFound(
  { findSoon }: OwnPlantOptions,
  queryIds: readonly string[],
  make: (attempt: number) => Promise<Answer | readonly Answer[]>,
): Promise<readonly Answer[]> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    let answers = [await make(attempt)].flat();
    for (const id of queryIds) {
      const traceIds = answers.map(({ traceId }) => traceId);
      const found = await findSoon(id, traceIds);
      answers = answers.filter(({ traceId }) => traceId === found);
    }
    if (answers.length > 0) {
      return answers;
    }
  }
  throw new Error(`It was tried ${attempts} times, and missed the moment each time.`);
}
