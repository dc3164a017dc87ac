import { EngineError } from "./engine-error.ts";
import { chooseSlot, type SlotSequence } from "./slot-sequence.ts";

export interface SlotLease {
  readonly sequence: SlotSequence;
  /** Whole microseconds. */
  readonly waitedUs: number;
  /** Makes the sequence available to the next request. To be called once. */
  readonly release: () => void;
}

interface Waiter {
  readonly tokens: readonly number[];
  readonly since: number;
  readonly resolve: (lease: SlotLease) => void;
  readonly reject: (reason: unknown) => void;
  readonly stopListening: () => void;
}

const longestRetryAfterSeconds = 60;

/** Hands out the sequences, first come, first served, with a bounded queue behind them. */
export class SlotPool {
  readonly #free: Set<SlotSequence>;
  readonly #slotCount: number;
  readonly #queueLimit: number;
  #queue: Waiter[] = [];
  #uses = 0;
  #typicalHoldMs: number | undefined;
  #isClosed = false;
  #onAllFree: (() => void) | undefined;

  constructor(options: {
    readonly sequences: readonly SlotSequence[];
    readonly queueLimit: number;
  }) {
    this.#free = new Set(options.sequences);
    this.#slotCount = options.sequences.length;
    this.#queueLimit = options.queueLimit;
  }

  get busyCount(): number {
    return this.#slotCount - this.#free.size;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  /**
   * @throws EngineError queue_full, engine_closed; or the signal's reason when it is aborted while
   *   the request waits.
   */
  async acquire(tokens: readonly number[], signal: AbortSignal): Promise<SlotLease> {
    signal.throwIfAborted();
    if (this.#isClosed) {
      throw new EngineError("engine_closed");
    }
    const since = performance.now();
    // A slot is only free while nobody waits, so nobody is overtaken.
    if (this.#free.size > 0) {
      return this.#lease(tokens, since);
    }
    if (this.#queue.length >= this.#queueLimit) {
      throw this.#queueFull();
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue = this.#queue.filter((other) => other !== waiter);
        reject(signal.reason);
      };
      const stopListening = (): void => signal.removeEventListener("abort", leave);
      const waiter: Waiter = { tokens, since, resolve, reject, stopListening };
      signal.addEventListener("abort", leave, { once: true });
      this.#queue.push(waiter);
    });
  }

  /** Turns everybody in the queue away, and resolves when the running requests have left. */
  close(): Promise<void> {
    this.#isClosed = true;
    for (const waiter of this.#queue.splice(0)) {
      waiter.stopListening();
      waiter.reject(new EngineError("engine_closed"));
    }
    return new Promise((resolve) => {
      this.#onAllFree = resolve;
      if (this.busyCount === 0) {
        resolve();
      }
    });
  }

  #lease(tokens: readonly number[], since: number): SlotLease {
    const candidates = [...this.#free].map((sequence) => ({
      sequence,
      ...sequence.candidateFor(tokens),
    }));
    const chosen = chooseSlot(candidates);
    if (chosen === undefined) {
      throw new Error("A slot was leased while none is free.");
    }
    this.#free.delete(chosen.sequence);
    this.#uses += 1;
    chosen.sequence.beginRequest(tokens.length, this.#uses);
    const heldSince = performance.now();
    return {
      sequence: chosen.sequence,
      waitedUs: Math.round((heldSince - since) * 1000),
      release: () => this.#takeBack(chosen.sequence, performance.now() - heldSince),
    };
  }

  #takeBack(sequence: SlotSequence, heldMs: number): void {
    this.#typicalHoldMs = 0.8 * (this.#typicalHoldMs ?? heldMs) + 0.2 * heldMs;
    this.#free.add(sequence);
    const next = this.#queue.shift();
    if (next !== undefined) {
      next.stopListening();
      next.resolve(this.#lease(next.tokens, next.since));
    }
    if (this.busyCount === 0) {
      this.#onAllFree?.();
    }
  }

  /** The estimate: how long the queue takes to drain at the pace of the requests before. */
  #queueFull(): EngineError {
    const drainMs = ((this.#queue.length + 1) / this.#slotCount) * (this.#typicalHoldMs ?? 0);
    const seconds = Math.ceil(drainMs / 1000);
    return new EngineError("queue_full", {
      queueLimit: this.#queueLimit,
      retryAfterSeconds: Math.min(Math.max(seconds, 1), longestRetryAfterSeconds),
    });
  }
}
