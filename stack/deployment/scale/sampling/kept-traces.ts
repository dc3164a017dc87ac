import { type Contract, createSavedQueries, type SavedQuery } from "#contract";
import { spanCondition } from "./ottl-condition.ts";

/** What becomes of the traces that a saved query finds, where only some traces are kept. */
export interface QuerySampling {
  readonly query: SavedQuery;
  /** The condition by which each of them is kept; undefined where only a share is. */
  readonly condition: string | undefined;
  /** Why only a share is kept. */
  readonly reason: string | undefined;
}

/**
 * Every saved query that should worry somebody and that one span can answer keeps its traces. What is
 * only of interest is left to the share: some of those queries find most of all requests.
 */
export function listSampling(contract: Contract): QuerySampling[] {
  return createSavedQueries(contract).map((query) => {
    if (query.severity === "info") {
      return { query, condition: undefined, reason: "it is for information: the share has it too" };
    }
    const found = spanCondition(query.search);
    return "condition" in found
      ? { query, condition: found.condition, reason: undefined }
      : { query, condition: undefined, reason: found.reason };
  });
}
