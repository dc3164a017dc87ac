/** How a process of the embedded store is to be started: what it cannot set for itself. */
export const storeProcess = {
  /**
   * While spans are taken in, objects die young, and Node would make 100 MB of room for them. A
   * smaller room is cleared more often and costs hardly any time.
   */
  nodeOptions: ["--max-semi-space-size=16"],
  environment: {
    // Each query that runs holds a thread of libuv's pool, and a commit must always find one. The
    // pool has its size from the first use on.
    UV_THREADPOOL_SIZE: "16",
    // Each of these threads would take an arena of its own from the system's allocator, and what it
    // frees there is not given back: with two, an idle store needs 25 MB less.
    MALLOC_ARENA_MAX: "2",
    // DuckDB on Linux has an allocator of its own, which keeps for a while what a checkpoint or a query
    // freed, in several arenas: with fewer and less patience the peak is 40 MB lower.
    DUCKDB_JE_MALLOC_CONF: "narenas:2,dirty_decay_ms:300,muzzy_decay_ms:0",
  },
} as const;
