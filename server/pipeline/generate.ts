import { logEvents } from "#contract";
import { decode } from "./decode.ts";
import { formatOutput } from "./format.ts";
import type { Job } from "./job.ts";
import { prefill } from "./prefill.ts";
import { tokenizeInput } from "./tokenize.ts";

/**
 * Takes a request through its stages, one after the other, as the contract's span tree has them.
 * @throws EngineError `context_length_exceeded` or `queue_full` when it cannot be taken,
 *   RequestInterrupted when it is stopped, and whatever a stage threw.
 */
export async function generate(job: Job): Promise<void> {
  const { engine, trace, log, parameters, signal } = job;
  const tokens = await tokenizeInput(job);
  engine.checkFits(tokens, parameters.maxTokens);
  const slot = await engine.acquireSlot({ tokens, signal });
  try {
    trace.set({ slotWaitUs: slot.waitedUs });
    log(logEvents.slotAcquired, { slotWaitUs: slot.waitedUs });
    const { cacheHits } = await prefill(job, slot);
    const decoded = await decode(job, slot);
    slot.release();
    await formatOutput(job, { ...decoded, tokensIn: tokens.length, cacheHits });
  } finally {
    slot.release();
  }
}
