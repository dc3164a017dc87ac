import { type Engine, EngineError, type Slot } from "../../server/llama/engine/index.ts";
import { alteredEngine, withMethods } from "../support/altered-engine.ts";
import type { FaultPlan } from "./planned-faults.ts";

/** The real engine, which does to each request what is planned for the trace that it is in. */
export function engineWithFaults(real: Engine, plan: FaultPlan): Engine {
  return alteredEngine(real, {
    tokenize: (prepared) => {
      const { fault } = plan.current();
      const isFitting = fault === "fitting the passages throws" && plan.hasMet();
      if (fault === "tokenize throws" || isFitting) {
        throw new TypeError("planned");
      }
      return real.tokenize(prepared);
    },
    acquireSlot: async (request) => {
      const { fault } = plan.current();
      if (fault === "the queue throws") {
        throw new RangeError("planned");
      }
      if (fault === "the queue hangs") {
        await plan.hang(request.signal);
      }
      return slotWithFault(await real.acquireSlot(request), plan);
    },
  });
}

function slotWithFault(slot: Slot, plan: FaultPlan): Slot {
  const { fault, afterSteps } = plan.current();
  let isReleased = false;
  /** Of the generation, once it runs. */
  let signal: AbortSignal | undefined;
  return withMethods<Slot>(slot, {
    prefill: async (options) => {
      if (fault === "prefill throws") {
        throw new EngineError("generation_failed");
      }
      if (fault === "prefill hangs") {
        await plan.hang(options.signal);
      }
      const result = await slot.prefill(options);
      if (fault === "prefill throws after its work") {
        throw new TypeError("planned");
      }
      return result;
    },
    decode: async function* (options) {
      signal = options.signal;
      let steps = 0;
      for await (const step of slot.decode(options)) {
        if (steps === afterSteps) {
          if (fault === "decode throws") {
            throw new EngineError("generation_failed");
          }
          if (fault === "decode hangs") {
            await plan.hang(options.signal);
          }
        }
        const isLast = fault === "decode ends early" && steps === afterSteps;
        yield isLast ? { ...step, isEndOfGeneration: true } : step;
        steps += 1;
      }
      if (fault === "decode throws after its work") {
        throw new RangeError("planned");
      }
    },
    release: () => {
      slot.release();
      if (fault === "release throws" && !isReleased && signal?.aborted === false) {
        isReleased = true;
        throw new TypeError("planned");
      }
    },
  });
}
