import { setImmediate as nextTurn } from "node:timers/promises";
import type { Span } from "#contract";
import { type EncodedExport, encodeExport } from "./encode-exports.ts";
import { SyntheticTraces } from "./synthetic-traces.ts";

/** As the batch processor of OpenTelemetry's SDKs sends them. */
export const spansPerExport = 512;

const seed = 20_251_126;
/** Newest spans are a little old, so that no trace ends in the future. */
const youngestNs = 120_000_000_000n;

export interface LoadOptions {
  readonly spans: number;
  /** When the traces began, in nanoseconds since 1970: they are spread evenly between the two. */
  readonly fromNs: bigint;
  readonly toNs: bigint;
  /** Loads of other numbers have other traces. */
  readonly number: number;
  /** Told the share that is done, a few times a second. */
  readonly progress?: (share: number) => void;
}

/** Whole traces in the order of their starts, encoded, so that sending them costs next to nothing. */
export async function encodeLoad(options: LoadOptions): Promise<EncodedExport[]> {
  const { spans: wanted, fromNs, toNs, number } = options;
  const traces = new SyntheticTraces(seed + number);
  const encoded: EncodedExport[] = [];
  const lastNs = toNs - youngestNs;
  let made = 0;
  let batch: Span[] = [];
  while (made < wanted) {
    // By spans and not by traces, whose number is not known before all are made.
    const share = BigInt(Math.floor((made / wanted) * 1e9));
    const trace = traces.next(fromNs + ((lastNs - fromNs) * share) / 1_000_000_000n);
    made += trace.length;
    batch.push(...trace);
    if (batch.length >= spansPerExport) {
      encoded.push(encodeExport(batch.slice(0, spansPerExport)));
      batch = batch.slice(spansPerExport);
      if (encoded.length % 50 === 0) {
        options.progress?.(made / wanted);
        await nextTurn();
      }
    }
  }
  return batch.length === 0 ? encoded : [...encoded, encodeExport(batch)];
}

export function spansOf(load: readonly EncodedExport[]): number {
  return load.reduce((sum, { spans }) => sum + spans, 0);
}
