import type { Store } from "../store/index.ts";
import { createTraceqlEngine, type TraceqlEngine } from "../traceql/index.ts";

/** Hours of work for the database, unless it is told to stop. */
const endless = "SELECT count(*) FROM range(1000000000000) one WHERE one.range % 7 = 3";

/** An engine whose query `{ false }` never ends by itself, what became of those queries, and the store that it asks. */
export function engineWithEndless() {
  const ends: string[] = [];
  const stores: Store[] = [];
  const begun = Promise.withResolvers<void>();
  const createEngine = (store: Store): TraceqlEngine => {
    stores.push(store);
    const engine = createTraceqlEngine(store);
    return {
      ...engine,
      search: async (text, options, signal) => {
        if (text !== "{ false }") {
          return engine.search(text, options, signal);
        }
        begun.resolve();
        try {
          await store.read(endless, signal);
          ends.push("answered");
        } catch {
          ends.push("ended");
        }
        signal?.throwIfAborted();
        return [];
      },
    };
  };
  return { createEngine, ends, stores, hasBegun: begun.promise };
}
