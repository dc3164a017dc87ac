import { availableParallelism } from "node:os";
import { basename } from "node:path";
import type { Configuration } from "../../server/config.ts";
import { StackError } from "../../stack/index.ts";
import type { Bench, Part, PartResult } from "./bench-run.ts";
import { firstToken } from "./first-token.ts";
import { formatTable } from "./format-figures.ts";
import { describeMachine, type Machine, machineLine } from "./machine.ts";
import { memory } from "./memory.ts";
import { observationCost } from "./observation-cost.ts";
import { othersCpus, readCpu } from "./process-usage.ts";
import { findRealModel } from "./real-model.ts";
import { throughput } from "./throughput.ts";
import { tokenGaps } from "./token-gaps.ts";
import { startTraceStore } from "./trace-store.ts";
import { Workplace } from "./workplace.ts";

/** In the order in which they are measured. */
const parts: readonly Part[] = [throughput, observationCost, tokenGaps, firstToken, memory];

export const partNames = parts.map(({ name }) => name);

export interface ServerBenchOptions {
  readonly configuration: Configuration;
  readonly pairs: number;
  readonly isQuick: boolean;
  /** The name of the one part to measure; all without it. */
  readonly only: string | undefined;
  readonly progress: (sentence: string) => void;
}

interface MeasuredPart extends PartResult {
  readonly name: string;
  readonly title: string;
  /** CPUs that other processes kept busy meanwhile, on average. */
  readonly othersCpus: number;
}

export interface ServerBenchReport {
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
  const workplace = new Workplace(configuration.environment);
  try {
    const bench: Bench = {
      workplace,
      pairs,
      isQuick,
      modelPath: findRealModel(
        configuration.MINISERVE_MODEL,
        configuration.MINISERVE_MODELS_DIRECTORY,
      ),
      traceStoreUrl: await startTraceStore(workplace),
      threads: threadsOf(configuration),
      slotTokens: configuration.MINISERVE_SLOT_TOKENS,
      prefillChunkTokens: configuration.MINISERVE_PREFILL_CHUNK_TOKENS,
      gpu: configuration.MINISERVE_GPU,
      progress,
    };
    const measured: MeasuredPart[] = [];
    for (const part of parts.filter(({ name }) => only === undefined || name === only)) {
      measured.push(await measurePart(bench, part));
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

async function measurePart(bench: Bench, { name, title, measure }: Part): Promise<MeasuredPart> {
  const before = readCpu(bench.workplace.pids);
  const result = await measure(bench);
  return { name, title, ...result, othersCpus: othersCpus(before, readCpu(bench.workplace.pids)) };
}

/** The tables and goals, in lines of Markdown. */
export function describeReport(report: ServerBenchReport): string[] {
  const { machine, model, threads, durationMs } = report;
  return [
    "",
    machineLine(machine),
    `${model}, ${threads} ${threads === 1 ? "thread" : "threads"}; measured in ${(durationMs / 60_000).toFixed(1)} minutes.`,
    "Where a figure has brackets it is the median, with the least and the most of all pairs in them.",
    ...report.parts.flatMap((part) => [
      "",
      `${part.title}:`,
      "",
      ...formatTable(part.columns, part.rows),
      "",
      ...part.goals.map(
        ({ sentence, isReached }) => `Goal ${isReached ? "reached" : "MISSED"}: ${sentence}.`,
      ),
      `Other processes kept ${part.othersCpus.toFixed(2)} CPUs busy meanwhile.`,
    ]),
  ];
}

/** What the server does by itself with "auto", given to both sides as a number. */
function threadsOf({ MINISERVE_THREADS: wanted }: Configuration): number {
  const cpus = availableParallelism();
  return Math.min(wanted === "auto" ? Math.max(cpus - 1, 1) : wanted, cpus);
}

function requireLinux(): void {
  if (process.platform === "linux") return;
  throw new StackError({
    code: "configuration_invalid",
    seen: `CPU time and memory of processes are read from /proc, which ${process.platform} has not.`,
    action: "Measure on Linux.",
    exitCode: 2,
  });
}
