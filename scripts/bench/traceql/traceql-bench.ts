import { childEnvironment } from "../../../stack/config.ts";
import { StackError } from "../../../stack/index.ts";
import { BenchDir } from "../bench-dir.ts";
import { type MeasuredPart, measurePart, partLines } from "../bench-run.ts";
import { describeMachine, type Machine, machineLine, requireLinux } from "../machine.ts";
import { formatCount } from "../statistics.ts";
import { startTraceStore } from "../trace-store.ts";
import { measureFootprint } from "./footprint.ts";
import { measureIngest } from "./ingest.ts";
import { createProgress } from "./long-work.ts";
import { measureReads } from "./reads.ts";
import { measureReadsDuringIngest } from "./reads-during-ingest.ts";
import type { Range } from "./shapes.ts";
import { countSpans, encodeLoad } from "./span-load.ts";
import { fillTempo, findTempo } from "./tempo.ts";
import type { SizeBench, TraceqlBench } from "./traceql-run.ts";

/** A day less a little: Tempo adds steps to the range of metrics, and takes no more than a day. */
const rangeSeconds = 86_400 - 120;

export interface TraceqlBenchOptions {
  /** Of each store that is measured. */
  readonly sizes: readonly number[];
  /** How often each shape is asked. */
  readonly questions: number;
  readonly progress: (sentence: string) => void;
}

export interface TraceqlBenchReport {
  readonly machine: Machine;
  readonly questions: number;
  /** The Tempo beside it, in words. */
  readonly tempo: string | null;
  readonly durationMs: number;
  readonly parts: readonly MeasuredPart[];
}

/** Measures the embedded store, size after size, each in a process of its own that ends with it. */
export async function measureTraceql(options: TraceqlBenchOptions): Promise<TraceqlBenchReport> {
  const { sizes, questions, progress } = options;
  requireLinux();
  const startedAt = performance.now();
  const machine = describeMachine();
  const environment = childEnvironment();
  const end = Math.ceil(Date.now() / 1000);
  const range = { start: end - rangeSeconds, end };
  const tempo = await findTempo(environment, range);
  if (tempo !== undefined && sizes.length > 1) {
    throw oneSizeBesideTempo();
  }
  const workplace = new BenchDir(environment);
  try {
    const bench: TraceqlBench = { workplace, questions, range, tempo, progress };
    const parts: MeasuredPart[] = [];
    for (const size of sizes) {
      parts.push(...(await measureSize(bench, size)));
    }
    const durationMs = performance.now() - startedAt;
    return { machine, questions, tempo: tempo?.described ?? null, durationMs, parts };
  } finally {
    workplace.close();
  }
}

async function measureSize(shared: TraceqlBench, size: number): Promise<MeasuredPart[]> {
  const { workplace, range, tempo, progress } = shared;
  const load = await encodeLoad({
    spans: size,
    ...toNanoseconds(range),
    number: 0,
    progress: createProgress(progress, `making ${formatCount(size)} spans`),
  });
  const store = await startTraceStore(workplace);
  const bench: SizeBench = { ...shared, store, load, spans: countSpans(load) };
  const title = `${formatCount(bench.spans)} spans over 24 hours`;
  const ingest = await measurePart(workplace, `ingest-${size}`, `Ingest, ${title}`, () =>
    measureIngest(bench),
  );
  const filled = tempo === undefined ? [] : [await measureTempoIngest(bench, size, title)];
  const reads = await measurePart(workplace, `reads-${size}`, `Eight shapes, ${title}`, () =>
    measureReads(bench),
  );
  let spansSent = bench.spans;
  const together = await measurePart(
    workplace,
    `reads-during-ingest-${size}`,
    `Eight shapes during full ingest, on top of ${title}`,
    async () => {
      const result = await measureReadsDuringIngest(bench);
      spansSent += result.spansSent;
      return result;
    },
  );
  const footprint = await measurePart(workplace, `footprint-${size}`, `Footprint, ${title}`, () =>
    measureFootprint(bench, spansSent),
  );
  return [ingest, ...filled, reads, together, footprint];
}

async function measureTempoIngest(
  { workplace, tempo, load, range, progress, spans }: SizeBench,
  size: number,
  title: string,
): Promise<MeasuredPart> {
  if (tempo === undefined) {
    throw new Error("There is no Tempo.");
  }
  return await measurePart(workplace, `tempo-ingest-${size}`, `Tempo, ${title}`, async () => {
    const values = await fillTempo(tempo, load, range, progress);
    const spansPerSecond = (values.spans / values.elapsedMs) * 1000;
    return {
      columns: ["what", "figure"],
      rows: [
        ["ingest over HTTP, spans/s", formatCount(spansPerSecond)],
        ["spans found, of those sent", `${formatCount(values.found)} of ${formatCount(spans)}`],
        ["found after", `${(values.visibleAfterMs / 1000).toFixed(0)} s`],
      ],
      goals: [],
      values,
    };
  });
}

/** A second in from the start, which is not part of the range of metrics. */
function toNanoseconds({ start, end }: Range): { fromNs: bigint; toNs: bigint } {
  return { fromNs: BigInt(start + 1) * 1_000_000_000n, toNs: BigInt(end) * 1_000_000_000n };
}

/** The tables and goals, in lines of Markdown. */
export function describeTraceqlReport(report: TraceqlBenchReport): string[] {
  const { machine, questions, tempo, durationMs } = report;
  return [
    "",
    machineLine(machine),
    `Each shape asked ${questions} times over HTTP; measured in ${(durationMs / 60_000).toFixed(1)} minutes.`,
    ...(tempo === null ? [] : [`Beside it, asked by turns: ${tempo}.`]),
    ...partLines(report.parts),
  ];
}

function oneSizeBesideTempo(): StackError {
  return new StackError("usage_invalid", {
    message: "Beside a Tempo only one size can be measured, because it keeps what it is sent.",
    hint: "Name one: --spans 140000. Then start Tempo empty for the next.",
  });
}
