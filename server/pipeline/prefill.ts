import { logEvents, spans } from "#contract";
import type { PrefillResult, Slot } from "../llama/engine/index.ts";
import type { Job } from "./job.ts";

/** llm.prefill: evaluates what of the input is not in the slot's prefix cache. */
export function prefill(job: Job, slot: Slot): Promise<PrefillResult> {
  const { engine, trace, log, signal } = job;
  return trace.stage(spans.prefill, { model: engine.modelName }, async (stage) => {
    const { cacheHits, cacheMisses } = await slot.prefill({ signal });
    const counts = { tokensIn: cacheHits + cacheMisses, cacheHits, cacheMisses };
    log(logEvents.inputPrefilled, counts);
    return stage.done({ cacheHits, cacheMisses }, counts);
  });
}
