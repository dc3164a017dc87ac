import type { RemovedKind } from "./allow-list.ts";
import { addOutcomes, type OutcomeCounts } from "./outcomes.ts";
import type { ReceiverErrorCode } from "./receiver-error.ts";

/** What came in since the receiver started. */
export interface IngestCounts {
  readonly exports: { readonly taken: number; readonly refused: number };
  /** Exports that were refused, by the reason. */
  readonly refusals: Readonly<Partial<Record<ReceiverErrorCode, number>>>;
  readonly spans: { readonly taken: number; readonly rejected: number };
  /** What was not as it should be, and was left out or changed, by the reason. */
  readonly outcomes: OutcomeCounts;
  /** What the allow-list took away, by kind. */
  readonly removed: Readonly<Partial<Record<RemovedKind, number>>>;
}

/** What became of an export besides its being taken. */
export interface ExportOutcome {
  readonly outcomes: OutcomeCounts;
  readonly rejectedSpans: number;
  readonly removed: ReadonlyMap<RemovedKind, number>;
}

/** Counts what comes in. */
export class IngestCounters {
  #exportsTaken = 0;
  #spansTaken = 0;
  #spansRejected = 0;
  #outcomes: OutcomeCounts = {};
  readonly #refusals = new Map<ReceiverErrorCode, number>();
  readonly #removed = new Map<RemovedKind, number>();

  taken(spans: number): void {
    this.#exportsTaken += 1;
    this.#spansTaken += spans;
  }

  refused(code: ReceiverErrorCode): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  noted({ outcomes, rejectedSpans, removed }: ExportOutcome): void {
    this.#outcomes = addOutcomes(this.#outcomes, outcomes);
    this.#spansRejected += rejectedSpans;
    for (const [kind, count] of removed) {
      this.#removed.set(kind, (this.#removed.get(kind) ?? 0) + count);
    }
  }

  counts(): IngestCounts {
    const refused = [...this.#refusals.values()].reduce((sum, count) => sum + count, 0);
    return {
      exports: { taken: this.#exportsTaken, refused },
      refusals: Object.fromEntries(this.#refusals),
      spans: { taken: this.#spansTaken, rejected: this.#spansRejected },
      outcomes: this.#outcomes,
      removed: Object.fromEntries(this.#removed),
    };
  }
}
