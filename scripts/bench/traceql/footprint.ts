import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Goal, PartResult } from "../bench-run.ts";
import { peakResidentBytes, residentBytes } from "../running-program.ts";
import { formatCount } from "../statistics.ts";
import type { SizeBench } from "./traceql-run.ts";

/** From this size on the limits below are goals: smaller stores have other costs. */
const largeSpans = 1_000_000;
const limitBytesPerSpan = 100;
const limitResidentBytes = 400_000_000;
const megabyte = 1_000_000;

/**
 * What the store took, and then it is stopped.
 * @param spans All that it was sent.
 */
export async function measureFootprint(bench: SizeBench, spans: number): Promise<PartResult> {
  const { program, dataDirectory } = bench.store;
  const resident = { now: residentBytes(program.pid), peak: peakResidentBytes(program.pid) };
  await program.stop();
  const diskBytes = readdirSync(dataDirectory).reduce(
    (sum, name) => sum + statSync(join(dataDirectory, name)).size,
    0,
  );
  const bytesPerSpan = diskBytes / spans;
  bench.progress(`${formatCount(spans)} spans take ${bytesPerSpan.toFixed(1)} bytes each`);
  return {
    columns: ["what", "figure"],
    rows: [
      ["spans in the store", formatCount(spans)],
      ["on disk after it has stopped, bytes a span", bytesPerSpan.toFixed(1)],
      ["resident memory at the end", `${(resident.now / megabyte).toFixed(0)} MB`],
      ["resident memory at its peak", `${(resident.peak / megabyte).toFixed(0)} MB`],
    ],
    goals: spans < largeSpans ? [] : listGoals(bytesPerSpan, resident.peak),
    values: { spans, diskBytes, bytesPerSpan, resident },
  };
}

function listGoals(bytesPerSpan: number, peakBytes: number): Goal[] {
  return [
    {
      sentence: `below ${limitBytesPerSpan} bytes a span on disk (${bytesPerSpan.toFixed(1)})`,
      isReached: bytesPerSpan < limitBytesPerSpan,
    },
    {
      sentence: `below ${limitResidentBytes / megabyte} MB resident, at the peak (${(peakBytes / megabyte).toFixed(0)})`,
      isReached: peakBytes < limitResidentBytes,
    },
  ];
}
