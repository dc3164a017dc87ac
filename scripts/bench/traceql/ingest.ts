import { setTimeout as delay } from "node:timers/promises";
import type { PartResult } from "../bench-run.ts";
import { cpuTimeUs, peakResidentBytes, residentBytes } from "../running-program.ts";
import { formatCount, formatMs, percentile } from "../statistics.ts";
import { grpcSender, type Sent, sendAll } from "./encode-exports.ts";
import { createProgress } from "./long-work.ts";
import type { SizeBench } from "./traceql-run.ts";

const inFlight = 8;
const goalPerSecond = 60_000;
const megabyte = 1_000_000;
const exportsAlone = 40;
/** In which a store that has nothing to do puts itself in order. */
const settleMs = 3_000;

/** Fills the store, 8 exports of 512 spans in flight, and then some more one after the other. */
export async function measureIngest(bench: SizeBench): Promise<PartResult> {
  const { store, load, spans, progress } = bench;
  const { pid } = store.program;
  const before = residentBytes(pid);
  const sender = grpcSender(store.otlpGrpcPort);
  // The last ones are kept for the measurement without any load.
  const alone = Math.min(exportsAlone, Math.floor(load.length / 4));
  const cpuBeforeUs = cpuTimeUs(pid);
  const sent = await sendAll(sender, load.slice(0, load.length - alone), {
    inFlight,
    progress: createProgress(progress, "ingest"),
  });
  const cpuUsPerSpan = (cpuTimeUs(pid) - cpuBeforeUs) / sent.spans;
  const single = await sendAll(sender, load.slice(load.length - alone), { inFlight: 1 });
  sender.close();
  await delay(settleMs);
  const memory = { idle: before, peak: peakResidentBytes(pid), settled: residentBytes(pid) };
  const spansPerSecond = (sent.spans / sent.elapsedMs) * 1000;
  progress(`ingest of ${formatCount(spans)} spans: ${formatCount(spansPerSecond)} spans/s`);
  return {
    columns: ["what", "figure"],
    rows: [
      ["durable ingest, spans/s", formatCount(spansPerSecond)],
      ["CPU time of the store, µs a span", cpuUsPerSpan.toFixed(1)],
      [`acknowledgement, ${inFlight} in flight`, latencyText(sent)],
      ["acknowledgement, one after the other", latencyText(single)],
      ["exports refused for now and sent again", String(sent.refusals + single.refusals)],
      ["resident memory idle, at its peak, settled", memoryText(Object.values(memory))],
    ],
    goals: [
      {
        sentence: `durable ingest of at least ${formatCount(goalPerSecond)} spans/s (${formatCount(spansPerSecond)})`,
        isReached: spansPerSecond >= goalPerSecond,
      },
    ],
    values: { spans, spansPerSecond, cpuUsPerSpan, sent, single, memory },
  };
}

function latencyText({ latenciesMs }: Sent): string {
  if (latenciesMs.length === 0) {
    return "none was taken at once";
  }
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(latenciesMs, share));
  return `p50 ${formatMs(p50 ?? 0)}, p95 ${formatMs(p95 ?? 0)}, p99 ${formatMs(p99 ?? 0)} ms`;
}

function memoryText(bytes: readonly number[]): string {
  return `${bytes.map((one) => (one / megabyte).toFixed(0)).join(", ")} MB`;
}
