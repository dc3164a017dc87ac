import { setTimeout as delay } from "node:timers/promises";
import { EmbeddingFailed } from "../../server/llama/embedding/index.ts";
import type { Retriever } from "../../server/retrieval/index.ts";
import { withMethods } from "../support/altered-engine.ts";
import type { FaultPlan } from "./planned-faults.ts";

/** A search cannot be interrupted, so it ends by itself, and after its client has left. */
const slowSearchMs = 150;

/** The real retriever, which does to each request what is planned for the trace that it is in. */
export function retrieverWithFaults(real: Retriever, plan: FaultPlan): Retriever {
  return withMethods<Retriever>(real, {
    find: async (name, signal) => {
      if (plan.current().fault === "finding the index throws") {
        throw new TypeError("planned");
      }
      return await real.find(name, signal);
    },
    embed: async (text, signal) => {
      const { fault } = plan.current();
      if (fault === "embedding throws") {
        throw new EmbeddingFailed({ cause: undefined });
      }
      return fault === "embedding hangs" ? await plan.hang(signal) : await real.embed(text, signal);
    },
    search: async (index, question, count) => {
      const { fault } = plan.current();
      if (fault === "searching throws") {
        throw new RangeError("planned");
      }
      if (fault === "searching is slow") {
        plan.meet();
        await delay(slowSearchMs);
      }
      return await real.search(index, question, count);
    },
    rerank: async (question, found, options) => {
      const { fault } = plan.current();
      if (fault === "ranking throws") {
        throw new EmbeddingFailed({ cause: undefined });
      }
      if (fault === "ranking hangs") {
        await plan.hang(options.signal);
      }
      if (fault === "fitting the passages throws") {
        plan.meet();
      }
      return await real.rerank(question, found, options);
    },
  });
}
