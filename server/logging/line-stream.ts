import type { Writable } from "node:stream";
import { codeOf } from "./exception.ts";
import { Outage, type OutageReports } from "./outage.ts";

export interface LineStreamOptions {
  readonly stream: Writable;
  readonly reports: OutageReports;
  /** More than this is not kept for a reader that does not read. */
  readonly maxWaitingBytes?: number;
  readonly retryAfterMs?: number;
}

const maxFlushMs = 2000;

/**
 * Lines to standard output, or to another stream. A reader that is slow, stuck or gone holds nobody
 * up: a bounded number of bytes waits for it, then lines are dropped and counted. It never throws.
 */
export class LineStream {
  readonly #stream: Writable;
  readonly #outage: Outage;
  readonly #maxWaitingBytes: number;

  constructor(options: LineStreamOptions) {
    this.#stream = options.stream;
    this.#outage = new Outage(options.reports, options.retryAfterMs ?? 1000);
    this.#maxWaitingBytes = options.maxWaitingBytes ?? 4 * 1024 * 1024;
    // The failure itself arrives at the line's callback; without a listener it would end the process.
    this.#stream.on("error", () => {});
  }

  get linesDropped(): number {
    return this.#outage.linesDropped;
  }

  get isFailing(): boolean {
    return this.#outage.lasts;
  }

  write(line: string): void {
    if (this.#outage.holdsBack) {
      this.#outage.lineDropped();
    } else if (this.#stream.writableLength > this.#maxWaitingBytes) {
      this.#outage.lineDropped();
      this.#outage.failed("NOT_READ", 0);
    } else {
      this.#stream.write(line, this.#whenWritten);
    }
  }

  /** Waits until everything is with the reader, for two seconds at most. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, maxFlushMs);
      this.#stream.write("", () => {
        clearTimeout(limit);
        resolve();
      });
    });
  }

  readonly #whenWritten = (error?: Error | null): void => {
    if (error) {
      this.#outage.lineDropped();
      this.#outage.failed(codeOf(error) ?? "UNKNOWN");
    } else if (this.#outage.lasts && this.#stream.writableLength < this.#maxWaitingBytes / 2) {
      this.#outage.succeeded();
    }
  };
}
