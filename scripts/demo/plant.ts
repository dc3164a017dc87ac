import type { Answer } from "./client.ts";

/** An anomaly that the demo makes, with real requests. */
export interface Plant {
  /** What a person would say of the request. */
  readonly what: string;
  /** The saved queries that have to find it. */
  readonly foundBy: readonly string[];
  /** @returns the answers of the requests that are the anomaly. */
  readonly make: () => Promise<readonly Answer[]>;
}

/** The one that runs, or one that the demo starts. */
export type PlantServer = "stack" | "demo";

/** A plant, and the traces that it left. */
export interface Planted {
  readonly what: string;
  readonly foundBy: readonly string[];
  readonly server: PlantServer;
  readonly traceIds: readonly string[];
  /** The id of the first request. */
  readonly requestId: string;
  /** Why it could not be made, and nothing if it could. */
  readonly reason: string;
}

/**
 * Makes plants one after the other, until the signal. One that cannot be made is reported, and the others are
 * made.
 */
export async function makePlants(
  plants: readonly Plant[],
  {
    server,
    signal,
    onPlanted,
  }: {
    readonly server: PlantServer;
    readonly signal: AbortSignal;
    readonly onPlanted: (planted: Planted) => void;
  },
): Promise<void> {
  for (const { what, foundBy, make } of plants) {
    if (signal.aborted) {
      return;
    }
    const plant = { what, foundBy, server };
    try {
      const answers = await make();
      const traceIds = answers.map(({ traceId }) => traceId).filter((id) => id !== "");
      const reason = traceIds.length > 0 ? "" : "No answer named its trace: tracing may be off.";
      onPlanted({ ...plant, traceIds, requestId: answers[0]?.requestId ?? "", reason });
    } catch (error) {
      const reason = (error as Error).message;
      onPlanted({ ...plant, traceIds: [], requestId: "", reason });
    }
  }
}
