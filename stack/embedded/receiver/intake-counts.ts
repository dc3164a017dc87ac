import type { RemovedKind } from "./allow-list.ts";
import type { ReceiverErrorCode } from "./receiver-error.ts";

/** What came in since the receiver started. */
export interface IntakeCounts {
  readonly exports: { readonly taken: number; readonly refused: number };
  /** Exports that were refused, by the reason. */
  readonly refusals: Readonly<Partial<Record<ReceiverErrorCode, number>>>;
  readonly spans: { readonly taken: number; readonly rejected: number };
  /** Names, keys and values that were longer than the limit. */
  readonly textsCut: number;
  /** What the allow-list took away, by kind. */
  readonly removed: Readonly<Partial<Record<RemovedKind, number>>>;
}

/** Counts what comes in. */
export class IntakeLedger {
  #exportsTaken = 0;
  #spansTaken = 0;
  #spansRejected = 0;
  #textsCut = 0;
  readonly #refusals = new Map<ReceiverErrorCode, number>();
  readonly #removed = new Map<RemovedKind, number>();

  taken(spans: number): void {
    this.#exportsTaken += 1;
    this.#spansTaken += spans;
  }

  rejected(spans: number): void {
    this.#spansRejected += spans;
  }

  refused(code: ReceiverErrorCode): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  cut(texts: number): void {
    this.#textsCut += texts;
  }

  removed(counts: ReadonlyMap<RemovedKind, number>): void {
    for (const [kind, count] of counts) {
      this.#removed.set(kind, (this.#removed.get(kind) ?? 0) + count);
    }
  }

  counts(): IntakeCounts {
    const refused = [...this.#refusals.values()].reduce((sum, count) => sum + count, 0);
    return {
      exports: { taken: this.#exportsTaken, refused },
      refusals: Object.fromEntries(this.#refusals),
      spans: { taken: this.#spansTaken, rejected: this.#spansRejected },
      textsCut: this.#textsCut,
      removed: Object.fromEntries(this.#removed),
    };
  }
}
