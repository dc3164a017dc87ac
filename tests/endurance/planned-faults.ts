import { type Engine, EngineError, type Slot } from "../../server/llama/engine/index.ts";
import { activeSpanIds } from "../../server/tracing/index.ts";
import { alteredEngine, withMethods } from "../support/altered-engine.ts";

/** What the engine does to one request instead of its work. */
export const faults = [
  "none",
  "tokenize throws",
  "the queue throws",
  "the queue hangs",
  "prefill throws",
  "prefill throws after its work",
  "prefill hangs",
  "decode throws",
  "decode throws after its work",
  "decode hangs",
  "decode ends early",
  "release throws",
] as const;
export type Fault = (typeof faults)[number];

export interface PlannedFault {
  readonly fault: Fault;
  /** How many steps of the generation pass before it. */
  readonly afterSteps: number;
}

/** The real engine, which does to each request what is planned for the trace that it is in. */
export function engineWithFaults(
  real: Engine,
  faultByTrace: ReadonlyMap<string, PlannedFault>,
): Engine {
  const planned = (): PlannedFault =>
    faultByTrace.get(activeSpanIds()?.trace_id ?? "") ?? { fault: "none", afterSteps: 0 };
  return alteredEngine(real, {
    tokenize: (prepared) => {
      if (planned().fault === "tokenize throws") {
        throw new TypeError("planned");
      }
      return real.tokenize(prepared);
    },
    acquireSlot: async (request) => {
      const plan = planned();
      if (plan.fault === "the queue throws") {
        throw new RangeError("planned");
      }
      if (plan.fault === "the queue hangs") {
        await untilAborted(request.signal);
      }
      return slotWithFault(await real.acquireSlot(request), plan);
    },
  });
}

function slotWithFault(slot: Slot, { fault, afterSteps }: PlannedFault): Slot {
  let isReleased = false;
  /** Of the generation, once it runs. */
  let signal: AbortSignal | undefined;
  return withMethods<Slot>(slot, {
    prefill: async (options) => {
      if (fault === "prefill throws") {
        throw new EngineError({ code: "generation_failed" });
      }
      if (fault === "prefill hangs") {
        await untilAborted(options.signal);
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
            throw new EngineError({ code: "generation_failed" });
          }
          if (fault === "decode hangs") {
            await untilAborted(options.signal);
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

/** Never returns. @throws the signal's reason. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) {
      end();
    } else {
      signal.addEventListener("abort", end, { once: true });
    }
  });
}
