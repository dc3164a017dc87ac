import { activeSpanIds } from "../../server/tracing/index.ts";

/** What the retriever does to one request instead of its work. */
export const retrievalFaults = [
  "finding the index throws",
  "embedding throws",
  "embedding hangs",
  "searching throws",
  "searching is slow",
  "ranking throws",
  "ranking hangs",
  "fitting the passages throws",
] as const;

/** What the engine, or the retriever, does to one request instead of its work. */
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
  ...retrievalFaults,
] as const;
export type Fault = (typeof faults)[number];

export interface PlannedFault {
  readonly fault: Fault;
  /** How many steps of the generation pass before it. */
  readonly afterSteps: number;
}

const none: PlannedFault = { fault: "none", afterSteps: 0 };

/** Which request meets which fault, by its trace, and which has met the one that takes time. */
export class FaultPlan {
  readonly #faultByTrace = new Map<string, PlannedFault>();
  readonly #met = new Set<string>();

  add(traceId: string, fault: PlannedFault): void {
    this.#faultByTrace.set(traceId, fault);
  }

  /** What is planned for the request that this is called for. */
  current(): PlannedFault {
    return this.#faultByTrace.get(currentTraceId()) ?? none;
  }

  /** Marks that the request that this is called for has come to its fault. */
  meet(): void {
    this.#met.add(currentTraceId());
  }

  hasMet(traceId = currentTraceId()): boolean {
    return this.#met.has(traceId);
  }

  /** Never returns. @throws the signal's reason. */
  hang(signal: AbortSignal): Promise<never> {
    this.meet();
    return new Promise((_resolve, reject) => {
      const end = (): void => reject(signal.reason);
      if (signal.aborted) {
        end();
      } else {
        signal.addEventListener("abort", end, { once: true });
      }
    });
  }
}

function currentTraceId(): string {
  return activeSpanIds()?.trace_id ?? "";
}
