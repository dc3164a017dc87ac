/** What a query may ask of the store. */
export interface ApiLimits {
  /** How long a query may run, its time in the queue included. */
  readonly queryMs: number;
  /** The longest range of a search with start and end, and of tags. */
  readonly searchRangeHours: number;
  /** The longest range of a metrics query. */
  readonly metricsRangeHours: number;
  /** So many queries run at once, and so many more wait; the rest are refused. */
  readonly running: number;
  readonly waiting: number;
}

/**
 * The ranges are Tempo's own, so that what is asked here can be asked there. A search may
 * take two of the store's five readers, so one is left for traces by id.
 */
export const defaultLimits: ApiLimits = {
  queryMs: 30_000,
  searchRangeHours: 168,
  metricsRangeHours: 24,
  running: 2,
  waiting: 32,
};
