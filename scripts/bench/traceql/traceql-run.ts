import type { BenchDir } from "../bench-dir.ts";
import type { TraceStore } from "../trace-store.ts";
import type { EncodedExport } from "./encode-exports.ts";
import type { Range } from "./shapes.ts";
import type { Tempo } from "./tempo.ts";

/** What all sizes of a run share. */
export interface TraceqlBench {
  readonly workplace: BenchDir;
  /** How often each shape is asked. */
  readonly questions: number;
  readonly range: Range;
  /** The Tempo that is measured beside the store, if there is one. */
  readonly tempo: Tempo | undefined;
  /** Tells a person how far it is. */
  readonly progress: (sentence: string) => void;
}

/** One size: a store of its own, and what it is filled with. */
export interface SizeBench extends TraceqlBench {
  readonly store: TraceStore;
  readonly load: readonly EncodedExport[];
  /** In the load. */
  readonly spans: number;
}
