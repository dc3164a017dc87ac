import { performance } from "node:perf_hooks";

/** What an output tells of itself. Each is called once an outage. */
export interface OutageReports {
  /** Lines are being dropped; `code` is the operating system's, or one of the output's own. */
  readonly began: (code: string) => void;
  /** Lines are written again; `linesDropped` were lost in this outage. */
  readonly ended: (linesDropped: number) => void;
}

/** A time in which an output takes no lines. They are counted, and one is tried every so often. */
export class Outage {
  readonly #reports: OutageReports;
  readonly #retryAfterMs: number;
  #linesDropped = 0;
  #linesDroppedBefore = 0;
  #tryAgainAtMs: number | undefined;

  constructor(reports: OutageReports, retryAfterMs: number) {
    this.#reports = reports;
    this.#retryAfterMs = retryAfterMs;
  }

  /** Lines lost in all outages. */
  get linesDropped(): number {
    return this.#linesDropped;
  }

  get lasts(): boolean {
    return this.#tryAgainAtMs !== undefined;
  }

  /** True while nothing should be tried. */
  get holdsBack(): boolean {
    return this.#tryAgainAtMs !== undefined && performance.now() < this.#tryAgainAtMs;
  }

  lineDropped(): void {
    this.#linesDropped++;
  }

  failed(code: string, retryAfterMs = this.#retryAfterMs): void {
    const isNew = !this.lasts;
    this.#tryAgainAtMs = performance.now() + retryAfterMs;
    if (isNew) {
      this.#reports.began(code);
    }
  }

  succeeded(): void {
    if (this.lasts) {
      const dropped = this.#linesDropped - this.#linesDroppedBefore;
      this.#linesDroppedBefore = this.#linesDropped;
      this.#tryAgainAtMs = undefined;
      this.#reports.ended(dropped);
    }
  }
}
