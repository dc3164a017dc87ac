import { addOutcomes, type OutcomeCounts } from "./receiver/index.ts";

/** What of an export, or of several, was not stored as it was sent. */
export interface Filtered {
  readonly outcomes: OutcomeCounts;
  /** What the allow-list took away, by kind. */
  readonly removed: Readonly<Record<string, number>>;
}

const nothing: Filtered = { outcomes: {}, removed: {} };

/**
 * Tells what was not stored as it was sent: the first time at once, and then what gathered since, now and
 * then. A sender that never stops would otherwise fill the log.
 */
export class IngestLog {
  readonly #log: (filtered: Filtered) => void;
  readonly #everyMs: number;
  #pending = nothing;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (filtered: Filtered) => void, everyMs = 60_000) {
    this.#log = tell;
    this.#everyMs = everyMs;
  }

  add(filtered: Filtered): void {
    this.#pending = addFiltered(this.#pending, filtered);
    if (this.#timer === undefined) {
      this.#flush();
    }
  }

  /** Tells what is left. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#pending !== nothing) {
      this.#log(this.#pending);
    }
  }

  #flush(): void {
    if (this.#pending === nothing) {
      this.#timer = undefined;
      return;
    }
    const told = this.#pending;
    this.#pending = nothing;
    this.#timer = setTimeout(() => this.#flush(), this.#everyMs).unref();
    this.#log(told);
  }
}

function addFiltered(one: Filtered, other: Filtered): Filtered {
  const kinds = new Set([...Object.keys(one.removed), ...Object.keys(other.removed)]);
  return {
    outcomes: addOutcomes(one.outcomes, other.outcomes),
    removed: Object.fromEntries(
      [...kinds].map((kind) => [kind, (one.removed[kind] ?? 0) + (other.removed[kind] ?? 0)]),
    ),
  };
}
