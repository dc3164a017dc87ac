import type {
  BareLoopResult,
  BareLoopSetup,
  FromBareLoop,
  ToBareLoop,
} from "./bare-loop-messages.ts";
import type { BenchDir } from "./bench-dir.ts";
import { type Bench, type Part, type PartResult, repeat } from "./bench-run.ts";
import { Prompts } from "./completion-client.ts";
import { MeasuredServer } from "./measured-server.ts";
import { cpuTimeUs, type RunningProgram } from "./running-program.ts";
import { computeSpread, formatSpread, type Spread } from "./statistics.ts";

const maxTokens = 64;
const goalRatio = 0.98;
/** How long the pairs of so many streams may take, and how many of them there are for each asked for. */
const comparisons = [
  // The one with a goal: its pairs differ by more than what is looked for, and are quickly made.
  { streams: 1, limitMs: 60_000, pairsForEach: 2 },
  { streams: 2, limitMs: 60_000, pairsForEach: 1 },
  { streams: 4, limitMs: 110_000, pairsForEach: 1 },
  { streams: 8, limitMs: 200_000, pairsForEach: 1 },
] as const;

/** One side of a pair. */
interface Round {
  readonly tokensPerSecond: number;
  readonly cpuUsPerToken: number;
  readonly promptTokens: readonly number[];
}

interface Compared {
  readonly streams: number;
  readonly server: Spread;
  readonly bare: Spread;
  readonly ratio: Spread;
  readonly serverCpuUsPerToken: Spread;
  readonly bareCpuUsPerToken: Spread;
}

export const throughput: Part = {
  name: "throughput",
  title: `Tokens a second, ${maxTokens} tokens a stream: the server against a bare node-llama-cpp loop`,
  measure,
};

async function measure(bench: Bench): Promise<PartResult> {
  const compared: Compared[] = [];
  for (const { streams, limitMs, pairsForEach } of comparisons) {
    compared.push(
      await compare(bench, {
        streams,
        times: bench.pairs * pairsForEach,
        limitMs: bench.isQuick ? limitMs / 8 : limitMs,
      }),
    );
  }
  const alone = compared[0] as Compared;
  return {
    columns: [
      "streams",
      "pairs",
      "server",
      "bare",
      "server / bare, pair by pair",
      "CPU a token, server / bare",
    ],
    rows: compared.map(({ streams, server, bare, ratio, ...cpu }) => [
      String(streams),
      String(ratio.count),
      formatSpread(server, 1),
      formatSpread(bare, 1),
      formatSpread(ratio, 3),
      (cpu.serverCpuUsPerToken.median / cpu.bareCpuUsPerToken.median).toFixed(3),
    ]),
    goals: [
      {
        sentence: `at least ${goalRatio} of the bare loop at 1 stream`,
        isReached: alone.ratio.median >= goalRatio,
      },
    ],
    values: compared,
  };
}

async function compare(
  bench: Bench,
  options: { readonly streams: number; readonly times: number; readonly limitMs: number },
): Promise<Compared> {
  const { streams, times, limitMs } = options;
  const { workplace, modelPath, gpu, threads, slotTokens, prefillChunkTokens } = bench;
  const server = await MeasuredServer.start(bench, {
    model: "real",
    slots: streams,
    observed: true,
  });
  const bare = await BareLoop.start(workplace, {
    modelPath,
    gpu,
    threads,
    streams,
    contextTokens: slotTokens,
    batchTokens: prefillChunkTokens + streams,
  });
  const prompts = new Prompts(streams);
  const pair = async () => {
    const asked = Array.from({ length: streams }, () => prompts.story());
    const ofServer = await serverRound(server, asked);
    const ofBare = await bareRound(bare, asked);
    requireAlike(ofServer, ofBare);
    return { server: ofServer, bare: ofBare };
  };
  await pair();
  const what = `throughput with ${streams} ${streams === 1 ? "stream" : "streams"}, pair`;
  const pairs = await repeat(bench, { what, times, limitMs }, async () => {
    const result = await pair();
    return {
      result,
      said:
        `server ${result.server.tokensPerSecond.toFixed(1)}, bare ` +
        `${result.bare.tokensPerSecond.toFixed(1)} tokens/s, ratio ${computeRatio(result).toFixed(3)}`,
    };
  });
  await bare.stop();
  await server.stop();
  return {
    streams,
    server: computeSpread(pairs.map((both) => both.server.tokensPerSecond)),
    bare: computeSpread(pairs.map((both) => both.bare.tokensPerSecond)),
    ratio: computeSpread(pairs.map(computeRatio)),
    serverCpuUsPerToken: computeSpread(pairs.map((both) => both.server.cpuUsPerToken)),
    bareCpuUsPerToken: computeSpread(pairs.map((both) => both.bare.cpuUsPerToken)),
  };
}

function computeRatio({ server, bare }: { server: Round; bare: Round }): number {
  return server.tokensPerSecond / bare.tokensPerSecond;
}

/** All streams at once, from the first byte sent to the last byte of the last answer. */
async function serverRound(server: MeasuredServer, prompts: readonly string[]): Promise<Round> {
  const cpuBefore = cpuTimeUs(server.pid);
  const answers = await Promise.all(
    prompts.map((prompt) => server.client.complete({ prompt, maxTokens, stream: true })),
  );
  const sentAt = Math.min(...answers.map((answer) => answer.sentAt));
  const endedAt = Math.max(...answers.map((answer) => answer.endedAt));
  return createRound({
    completionTokens: answers.map((answer) => answer.completionTokens),
    promptTokens: answers.map((answer) => answer.promptTokens),
    elapsedMs: endedAt - sentAt,
    cpuUs: cpuTimeUs(server.pid) - cpuBefore,
  });
}

async function bareRound(bare: BareLoop, prompts: readonly string[]): Promise<Round> {
  const cpuBefore = cpuTimeUs(bare.pid);
  const result = await bare.generate(prompts, maxTokens);
  return createRound({ ...result, cpuUs: cpuTimeUs(bare.pid) - cpuBefore });
}

function createRound(measured: {
  readonly completionTokens: readonly number[];
  readonly promptTokens: readonly number[];
  readonly elapsedMs: number;
  readonly cpuUs: number;
}): Round {
  const { completionTokens, promptTokens, elapsedMs, cpuUs } = measured;
  const tokens = completionTokens.reduce((sum, count) => sum + count, 0);
  if (completionTokens.some((count) => count !== maxTokens)) {
    throw new Error(`Not every stream has ${maxTokens} tokens: ${completionTokens.join(", ")}.`);
  }
  return {
    tokensPerSecond: (tokens / elapsedMs) * 1000,
    cpuUsPerToken: cpuUs / tokens,
    promptTokens,
  };
}

/** Both sides must have had the same work. */
function requireAlike(server: Round, bare: Round): void {
  const [one, other] = [server.promptTokens.join(", "), bare.promptTokens.join(", ")];
  if (one !== other) {
    throw new Error(`The prompts have ${one} tokens in the server and ${other} in the bare loop.`);
  }
}

/** The bare loop in a process of its own. */
class BareLoop {
  readonly #program: RunningProgram;

  private constructor(program: RunningProgram) {
    this.#program = program;
  }

  static async start(workplace: BenchDir, setup: BareLoopSetup): Promise<BareLoop> {
    const program = workplace.start({
      name: "bare loop",
      file: "scripts/bench/bare-loop-process.ts",
      environment: {},
      hasChannel: true,
    });
    const loop = new BareLoop(program);
    await loop.#ask({ type: "load", setup });
    return loop;
  }

  get pid(): number {
    return this.#program.pid;
  }

  async generate(prompts: readonly string[], maxTokens: number): Promise<BareLoopResult> {
    const reply = await this.#ask({ type: "generate", prompts, maxTokens });
    if (reply.type !== "generated") {
      throw this.#program.failure(`answered "${reply.type}"`);
    }
    return reply.result;
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }

  #ask(message: ToBareLoop): Promise<FromBareLoop> {
    const { child } = this.#program;
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(this.#program.failure("ended while it was asked"));
      child.once("exit", onExit);
      child.once("message", (reply: FromBareLoop) => {
        child.off("exit", onExit);
        if (reply.type === "failed") {
          reject(this.#program.failure(`failed: ${reply.reason}`));
        } else {
          resolve(reply);
        }
      });
      child.send(message);
    });
  }
}
