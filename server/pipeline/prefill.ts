import { logEvents, spans } from "#miniserve";
import type { PrefillResult, Slot } from "../llama/engine/index.ts";
import type { Job } from "./job.ts";

/**
 * llm.prefill: evaluates what of the input is not in the slot's prefix cache. Further prompts are
 * evaluated where their answers are generated, without the cache, so that their tokens are known here.
 */
export function prefill(
  job: Job,
  slot: Slot,
  furtherPrompts: readonly (readonly number[])[],
): Promise<PrefillResult> {
  const { engine, trace, log, signal } = job;
  return trace.stage(spans.prefill, { model: engine.modelName }, async (stage) => {
    const first = await slot.prefill({ signal });
    const { cacheHits } = first;
    const cacheMisses = furtherPrompts.reduce((sum, { length }) => sum + length, first.cacheMisses);
    const counts = { tokensIn: cacheHits + cacheMisses, cacheHits, cacheMisses };
    log(logEvents.inputPrefilled, counts);
    return stage.done({ cacheHits, cacheMisses }, counts);
  });
}
