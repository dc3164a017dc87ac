import type { Writable } from "node:stream";
import type { OutputName, OwnLines } from "./contract-line.ts";
import { findErrorCode } from "./exception.ts";
import { Outage, type OutageReports } from "./outage.ts";
import { RotatingFile } from "./rotating-file.ts";

interface OutputsOptions {
  readonly logFile: string | undefined;
  readonly stdout: boolean | Writable;
  readonly maxFileBytes: number;
  readonly maxFiles: number;
  /** Who may read the file; its owner alone unless given. */
  readonly fileMode?: number | undefined;
}

type Announcements = Pick<OwnLines, "outputFailed" | "outputRecovered" | "rotationFailed">;

/** Where lines go: standard output, the file, and standard error when neither can say what is wrong. */
export class Outputs {
  readonly #announcements: Announcements;
  readonly #file: RotatingFile | undefined;
  readonly #stdout: LineStream | undefined;
  #standardError: LineStream | undefined;
  /** The output that a line being written is about, so that it goes to another. */
  #spokenOutput: OutputName | undefined;

  constructor(options: OutputsOptions, announcements: Announcements) {
    const { logFile: path, stdout, maxFileBytes, maxFiles, fileMode: mode } = options;
    this.#announcements = announcements;
    if (path !== undefined) {
      const rotationFailed = (code: string) =>
        this.#aside("file", () => announcements.rotationFailed(code));
      const reports = { ...this.#getReports("file"), rotationFailed };
      this.#file = new RotatingFile({ path, maxFileBytes, maxFiles, mode, reports });
    }
    if (stdout !== false) {
      const stream = stdout === true ? process.stdout : stdout;
      this.#stdout = new LineStream({ stream, reports: this.#getReports("stdout") });
    }
  }

  /** Says at once what is wrong with the file, and not at the first line. */
  open(): void {
    this.#file?.open();
  }

  readonly write = (line: string): void => {
    if (this.#spokenOutput !== undefined) {
      this.#writeAside(line, this.#spokenOutput);
      return;
    }
    this.#stdout?.write(line);
    this.#file?.write(line);
  };

  sync(): void {
    this.#file?.sync();
  }

  async close(): Promise<void> {
    await Promise.all([this.#stdout?.flush(), this.#standardError?.flush()]);
    this.#file?.close();
  }

  linesDropped(): Readonly<Record<OutputName, number>> {
    return {
      file: this.#file?.linesDropped ?? 0,
      stdout: this.#stdout?.linesDropped ?? 0,
    };
  }

  #getReports(output: OutputName): OutageReports {
    return {
      began: (code) => this.#aside(output, () => this.#announcements.outputFailed(output, code)),
      ended: (linesDropped) => this.#announcements.outputRecovered(output, linesDropped),
    };
  }

  #aside(output: OutputName, say: () => void): void {
    const before = this.#spokenOutput;
    this.#spokenOutput = output;
    say();
    this.#spokenOutput = before;
  }

  #writeAside(line: string, about: OutputName): void {
    const other = about === "file" ? this.#stdout : this.#file;
    if (other === undefined || other.isFailing) {
      const reports = { began: () => {}, ended: () => {} };
      this.#standardError ??= new LineStream({ stream: process.stderr, reports });
      this.#standardError.write(line);
    } else {
      other.write(line);
    }
  }
}

interface LineStreamOptions {
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
      this.#outage.failed(findErrorCode(error) ?? "UNKNOWN");
    } else if (this.#outage.lasts && this.#stream.writableLength < this.#maxWaitingBytes / 2) {
      this.#outage.succeeded();
    }
  };
}
