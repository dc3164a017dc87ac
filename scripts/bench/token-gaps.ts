import { type Bench, type Part, type PartResult, repeat } from "./bench-run.ts";
import { type Completion, type CompletionClient, Prompts } from "./completion-client.ts";
import { MeasuredServer } from "./measured-server.ts";
import { percentile } from "./statistics.ts";

const longPromptTokens = 1_900;
const limitMs = 70_000;
/** Pieces of the stream before anything is measured, and before the long prompt comes. */
const warmUpPieces = 10;
const quietPieces = 50;

/** Gaps between the pieces of a stream, in milliseconds. */
interface Gaps {
  readonly alone: readonly number[];
  readonly besidePrefill: readonly number[];
  readonly prefillMs: number;
  readonly prefillTokens: number;
}

export const tokenGaps: Part = {
  name: "gaps",
  title: `Gap between the tokens of a stream, ms, while a prompt of ${longPromptTokens} tokens is evaluated`,
  measure,
};

async function measure(bench: Bench): Promise<PartResult> {
  const server = await MeasuredServer.start(bench, { model: "real", slots: 2, observed: true });
  const prompts = new Prompts(7);
  const wordsPerToken = await measureWords(server, prompts);
  const longPrompt = () => prompts.ofWords(Math.floor(longPromptTokens * wordsPerToken));
  const rounds = await repeat(
    bench,
    { what: "gaps, round", times: bench.isQuick ? 1 : 10, limitMs },
    async () => {
      const result = await measureOnce(server, prompts.story(), longPrompt());
      const worst = Math.max(...result.besidePrefill);
      const said = `${result.prefillTokens} tokens in ${(result.prefillMs / 1000).toFixed(1)} s, longest gap ${worst.toFixed(0)} ms`;
      return { result, said };
    },
  );
  await server.stop();
  const alone = rounds.flatMap((round) => round.alone);
  const beside = rounds.flatMap((round) => round.besidePrefill);
  const longest = Math.max(...rounds.map(({ prefillMs }) => prefillMs));
  return {
    columns: ["stream", "gaps", "p50", "p99", "longest"],
    rows: [
      ["alone", ...gapCells(alone)],
      [
        `beside the prompt, MINISERVE_PREFILL_CHUNK_TOKENS=${bench.prefillChunkTokens}`,
        ...gapCells(beside),
      ],
    ],
    goals: [],
    values: {
      rounds: rounds.length,
      prefillChunkTokens: bench.prefillChunkTokens,
      longestPrefillMs: longest,
      alone: gapValues(alone),
      besidePrefill: gapValues(beside),
    },
  };
}

async function measureOnce(
  server: MeasuredServer,
  prompt: string,
  longPrompt: string,
): Promise<Gaps> {
  const stream = new WatchedStream(server.client, prompt, 1_000);
  await stream.until((times) => times.length === warmUpPieces + quietPieces);
  const alone = computeGaps(stream.times.slice(warmUpPieces));
  const prefill = await server.client.complete({
    prompt: longPrompt,
    maxTokens: 0,
    stream: false,
  });
  // The gap in which the prompt's last chunk was evaluated has an end, too.
  await stream.until((times) => (times.at(-1) ?? 0) > prefill.endedAt);
  const lastBefore = stream.times.findLastIndex((at) => at <= prefill.sentAt);
  const firstAfter = stream.times.findIndex((at) => at > prefill.endedAt);
  await stream.leave();
  return {
    alone,
    besidePrefill: computeGaps(stream.times.slice(lastBefore, firstAfter + 1)),
    prefillMs: prefill.endedAt - prefill.sentAt,
    prefillTokens: prefill.promptTokens - prefill.cachedTokens,
  };
}

function computeGaps(times: readonly number[]): number[] {
  return times.slice(1).map((at, index) => at - (times[index] as number));
}

/** How many words of ours this model makes a token of. */
async function measureWords(server: MeasuredServer, prompts: Prompts): Promise<number> {
  const words = 200;
  const { promptTokens } = await server.client.complete({
    prompt: prompts.ofWords(words),
    maxTokens: 0,
    stream: false,
  });
  return words / promptTokens;
}

function gapValues(gaps: readonly number[]) {
  return {
    count: gaps.length,
    p50: percentile(gaps, 0.5),
    p99: percentile(gaps, 0.99),
    max: percentile(gaps, 1),
  };
}

function gapCells(gaps: readonly number[]): string[] {
  const { count, p50, p99, max } = gapValues(gaps);
  return [String(count), ...[p50, p99, max].map((value) => value.toFixed(1))];
}

interface Waiting {
  readonly isOver: (times: readonly number[]) => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A stream that runs beside what else is measured, until it is left. */
class WatchedStream {
  /** When each of its pieces came. */
  readonly times: number[] = [];
  readonly #leaving = new AbortController();
  readonly #ended: Promise<unknown>;
  #waiting: Waiting | undefined;

  constructor(client: CompletionClient, prompt: string, maxTokens: number) {
    const { signal } = this.#leaving;
    const onPiece = (at: number): void => this.#take(at);
    this.#ended = client
      .complete({ prompt, maxTokens, stream: true, signal, onPiece })
      .catch((error: unknown): Completion | Error => error as Error)
      .then((end) => {
        this.#waiting?.reject(end instanceof Error ? end : new Error("The stream has ended."));
      });
  }

  /** @throws Error when the stream ends before. */
  until(isOver: (times: readonly number[]) => boolean): Promise<void> {
    if (isOver(this.times)) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { isOver, resolve, reject };
    });
  }

  /** As a client that has seen enough. */
  async leave(): Promise<void> {
    this.#waiting = undefined;
    this.#leaving.abort();
    await this.#ended;
  }

  #take(at: number): void {
    this.times.push(at);
    if (this.#waiting?.isOver(this.times) === true) {
      this.#waiting.resolve();
      this.#waiting = undefined;
    }
  }
}
