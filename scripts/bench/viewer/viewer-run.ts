import type { BrowserContext } from "playwright-core";
import type { TraceStore } from "../trace-store.ts";
import type { Workplace } from "../workplace.ts";

export interface ViewerBenchOptions {
  /** In the store; all of them began in the hour that the dashboard shows. */
  readonly traces: number;
  /** How often the dashboard is opened. */
  readonly openings: number;
  readonly idleSeconds: number;
  readonly progress: (sentence: string) => void;
}

/** What the parts share. */
export interface ViewerBench extends ViewerBenchOptions {
  readonly workplace: Workplace;
  readonly store: TraceStore;
  /** Of the viewer, without a slash at its end. */
  readonly address: string;
  /** The first dashboard's path. */
  readonly dashboard: string;
  readonly browser: BrowserContext;
}
