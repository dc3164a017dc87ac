import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Configuration } from "../../server/config.ts";
import { checkout, StackError } from "../../stack/index.ts";
import { BenchDir } from "./bench-dir.ts";
import { type Bench, type MeasuredPart, measurePart, type Part, partLines } from "./bench-run.ts";
import { firstToken } from "./first-token.ts";
import { describeMachine, type Machine, machineLine, requireLinux } from "./machine.ts";
import { memory } from "./memory.ts";
import { observationCost } from "./observation-cost.ts";
import { throughput } from "./throughput.ts";
import { tokenGaps } from "./token-gaps.ts";
import { startTraceStore } from "./trace-store.ts";

/** In the order in which they are measured. */
const parts: readonly Part[] = [throughput, observationCost, tokenGaps, firstToken, memory];

export const partNames = parts.map(({ name }) => name);

interface ServerBenchOptions {
  readonly configuration: Configuration;
  readonly pairs: number;
  readonly isQuick: boolean;
  /** The name of the one part to measure; all without it. */
  readonly only: string | undefined;
  readonly progress: (sentence: string) => void;
}

interface ServerBenchReport {
  readonly machine: Machine;
  readonly model: string;
  readonly threads: number;
  readonly prefillChunkTokens: number;
  readonly durationMs: number;
  readonly parts: readonly MeasuredPart[];
}

/** Measures the server, part after part, with processes of its own that all end with it. */
export async function measureServer(options: ServerBenchOptions): Promise<ServerBenchReport> {
  const { configuration, pairs, isQuick, only, progress } = options;
  requireLinux();
  const startedAt = performance.now();
  const machine = describeMachine();
  const workplace = new BenchDir(configuration.environment);
  try {
    const bench: Bench = {
      workplace,
      pairs,
      isQuick,
      modelPath: findRealModel(
        configuration.MINISERVE_MODEL,
        configuration.MINISERVE_MODELS_DIRECTORY,
      ),
      traceStoreUrl: (await startTraceStore(workplace)).otlpGrpcUrl,
      threads: parseThreads(configuration),
      slotTokens: configuration.MINISERVE_SLOT_TOKENS,
      prefillChunkTokens: configuration.MINISERVE_PREFILL_CHUNK_TOKENS,
      gpu: configuration.MINISERVE_GPU,
      progress,
    };
    const measured: MeasuredPart[] = [];
    for (const part of parts.filter(({ name }) => only === undefined || name === only)) {
      const { name, title } = part;
      measured.push(await measurePart(bench.workplace, name, title, () => part.measure(bench)));
    }
    return {
      machine,
      model: basename(bench.modelPath),
      threads: bench.threads,
      prefillChunkTokens: bench.prefillChunkTokens,
      durationMs: performance.now() - startedAt,
      parts: measured,
    };
  } finally {
    workplace.close();
  }
}

/** The tables and goals, in lines of Markdown. */
export function describeReport(report: ServerBenchReport): string[] {
  const { machine, model, threads, durationMs } = report;
  return [
    "",
    machineLine(machine),
    `${model}, ${threads} ${threads === 1 ? "thread" : "threads"}; measured in ${(durationMs / 60_000).toFixed(1)} minutes.`,
    "Where a figure has brackets it is the median, with the least and the most of all pairs in them.",
    ...partLines(report.parts),
  ];
}

/** What the server does by itself with "auto", given to both sides as a number. */
function parseThreads({ MINISERVE_THREADS: wanted }: Configuration): number {
  const cpus = availableParallelism();
  return Math.min(wanted === "auto" ? Math.max(cpus - 1, 1) : wanted, cpus);
}

/** The default model's file in any of its quantisations. */
const defaultModelFile = /^SmolLM2-135M-Instruct.*\.gguf$/;

/**
 * The model to measure on: the file that MINISERVE_MODEL names, or the default one where it is kept.
 * @throws StackError `model_unavailable`; what is measured on the tiny model would mean nothing.
 */
function findRealModel(model: string, modelsDirectory: string): string {
  if (model !== "") {
    const path = resolve(checkout, model);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
      return path;
    }
    throw unavailable("MINISERVE_MODEL is not the path of a file.");
  }
  const folder = resolve(checkout, modelsDirectory);
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const name = isThere
    ? readdirSync(folder).find((file) => defaultModelFile.test(file))
    : undefined;
  if (name !== undefined) {
    return join(folder, name);
  }
  throw unavailable("The default model has not been fetched.");
}

function unavailable(message: string): StackError {
  return new StackError("model_unavailable", {
    message,
    hint: "Get it with npm start -- --prepare, or set MINISERVE_MODEL to a .gguf file.",
  });
}
