import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { openStore } from "../../../store/index.ts";
import { createTraceqlEngine, type TraceqlEngine } from "../../index.ts";

/** An engine over a store that got these spans, in one export unless others are given. */
export async function withEngine(
  spans: readonly Span[],
  use: (engine: TraceqlEngine) => Promise<void>,
  exports: readonly (readonly Span[])[] = [spans],
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "miniserve-oracle-"));
  const store = await openStore([miniserve], { directory, threads: 1 });
  try {
    for (const some of exports) {
      await store.append(some);
    }
    await use(createTraceqlEngine(store));
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}
