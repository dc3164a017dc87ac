import type { PartResult } from "../bench-run.ts";
import { formatCount, formatMs, percentile } from "../statistics.ts";
import { grpcSender, sendAll } from "./encode-exports.ts";
import { createProgress } from "./long-work.ts";
import { ask, computeTimes } from "./reads.ts";
import { type Shape, shapes } from "./shapes.ts";
import { countSpans, encodeLoad } from "./span-load.ts";
import type { SizeBench } from "./traceql-run.ts";

const inFlight = 8;
const mostSpans = 300_000;
const limitMs = 100;
/** The new spans are of the last minutes, as they would be. */
const newestSeconds = 600;

/** @returns Also how many spans the store has got more. */
export async function measureReadsDuringIngest(
  bench: SizeBench,
): Promise<PartResult & { readonly spansSent: number }> {
  const { store, range, spans, progress } = bench;
  const load = await encodeLoad({
    spans: Math.min(spans, mostSpans),
    fromNs: BigInt(range.end - newestSeconds) * 1_000_000_000n,
    toNs: BigInt(range.end) * 1_000_000_000n,
    number: 1,
    progress: createProgress(progress, "making more spans"),
  });
  const sender = grpcSender(store.otlpGrpcPort);
  let isOver = false;
  const sending = sendAll(sender, load, {
    inFlight,
    progress: createProgress(progress, "reads during ingest"),
  }).finally(() => {
    isOver = true;
  });
  const [sent, timesMs] = await Promise.all([sending, readUntil(() => isOver, bench)]);
  sender.close();
  const all = timesMs.flat();
  const spansPerSecond = (sent.spans / sent.elapsedMs) * 1000;
  const perShape = shapes.flatMap((shape, index) => {
    const measured = timesMs[index] ?? [];
    return measured.length === 0 ? [] : [{ shape, times: computeTimes(measured) }];
  });
  const p95Ms = all.length === 0 ? Number.NaN : percentile(all, 0.95);
  return {
    columns: ["shape", "asked", "p50 ms", "p95 ms", "slowest ms"],
    rows: [
      ...perShape.map(({ shape, times }) => [
        shape.name,
        String(times.count),
        formatMs(times.p50Ms),
        formatMs(times.p95Ms),
        formatMs(times.maxMs),
      ]),
      latencyRow(`acknowledgement of ${load[0]?.spans} spans`, sent.latenciesMs),
    ],
    goals: [
      {
        sentence: `reads below ${limitMs} ms during full ingest, p95 (${formatMs(p95Ms)}; ${formatCount(spansPerSecond)} spans/s meanwhile)`,
        isReached: p95Ms < limitMs,
      },
    ],
    values: { perShape, p95Ms, sent, spansPerSecond },
    spansSent: countSpans(load),
  };
}

/** All shapes by turns. @returns The times of each. */
async function readUntil(isOver: () => boolean, { store, range }: SizeBench): Promise<number[][]> {
  const timesMs: number[][] = shapes.map(() => []);
  for (let turn = 0; !isOver(); turn++) {
    const index = turn % shapes.length;
    const { elapsedMs } = await ask(store.url, shapes[index] as Shape, range);
    if (!isOver()) {
      timesMs[index]?.push(elapsedMs);
    }
  }
  return timesMs;
}

function latencyRow(name: string, latenciesMs: readonly number[]): string[] {
  if (latenciesMs.length === 0) {
    return [name, "0", "", "", ""];
  }
  const { count, p50Ms, p95Ms, maxMs } = computeTimes(latenciesMs);
  return [name, String(count), ...[p50Ms, p95Ms, maxMs].map(formatMs)];
}
