/**
 * What was measured here and what the sizes are made of. `tests/scale/size.test.ts` holds the first two to
 * requests of a real server.
 */
export const measured = {
  /** Of a request that completes, without and with retrieval. */
  spansPerRequest: 5,
  spansPerRequestWithRetrieval: 9,
  /** As Tempo counts what it receives: protobuf, not compressed. */
  bytesPerSpan: 260,
  /** In a block in the storage, compressed; Tempo 3.0.3 over a million spans. */
  storedBytesPerSpan: 76,
  /** Tempo 3.0.3 as one process on two shared cores; the sender was the limit. */
  tempoSpansPerSecond: 40_000,
  /** Of a Collector with the whole allow-list and a queue on disk. */
  collectorMicrosecondsPerSpan: 16,
  /** In a Collector that waits for the rest of its trace: a span as Go holds it. */
  waitingBytesPerSpan: 2_000,
} as const;

/** What Tempo's documentation gives for each part: set-up, "Size the cluster", of version 3.0. */
export const documented = {
  distributorMegabytesPerSecond: 10,
  /** 6 to 10; the careful end. */
  liveStoreMegabytesPerSecond: 6,
  /** Each partition is also in a live store of another zone. */
  liveStoreZones: 2,
  /** 1 to 2; the middle. */
  querierMegabytesPerSecond: 1.5,
  queryFrontends: 2,
  backendSchedulers: 1,
} as const;
