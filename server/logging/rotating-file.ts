import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, parse, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { findErrorCode } from "./exception.ts";
import { Outage, type OutageReports } from "./outage.ts";

export interface RotatingFileOptions {
  readonly path: string;
  /** The file is put aside before it would grow above this; a longer line gets a file of its own. */
  readonly maxFileBytes: number;
  /** How many files are kept, the live one included. */
  readonly maxFiles: number;
  /** Who may read it; its owner alone unless given. Files that are there are given the same. */
  readonly mode?: number | undefined;
  readonly reports: OutageReports & {
    /** The file could not be put aside and grows beyond its limit. Said once until it succeeds. */
    readonly rotationFailed: (code: string) => void;
  };
  readonly retryAfterMs?: number;
}

const newLine = 0x0a;
const recheckDelayMs = 1000;

/** A log target that is not a regular file: a pipe would hold the server up, a device never ends. */
class NotAFileError extends Error {
  readonly code = "NOT_A_FILE";
}

/**
 * A file of lines that is rotated by size: `miniserve.log` is always the live one, `miniserve.1.log`
 * the one before it. It writes synchronously, which costs some microseconds a line and buys that a
 * line is in the operating system's hands when `write` returns: a process that is killed or that
 * exits loses none, and they are in order. It never throws: what cannot be written is counted.
 *
 * Why not pino-roll 4: its live file gets another name with each rotation, while `npm run stack:logs`, the
 * viewer and log shippers follow one path; it rotates after the write that went above the limit; and
 * a full disk is an error event there, not a count of lost lines and a log line when it is over.
 * Why not stdout alone, into the supervisor's file: `npm start` has no supervisor, and in a container
 * the file is what the viewer reads beside the traces.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #path: string;
  readonly #outage: Outage;
  readonly #retryAfterMs: number;
  #descriptor: number | undefined;
  #sizeBytes = 0;
  #endsInsideALine = false;
  #lookAgainAtMs = 0;
  #rotateAgainAtMs: number | undefined;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#path = resolve(options.path);
    this.#retryAfterMs = options.retryAfterMs ?? 1000;
    this.#outage = new Outage(options.reports, this.#retryAfterMs);
  }

  get isFailing(): boolean {
    return this.#outage.lasts;
  }

  get linesDropped(): number {
    return this.#outage.linesDropped;
  }

  /** Opens the file before the first line does, so that a path that cannot be used is known early. */
  open(): void {
    this.#attempt(() => this.#open());
  }

  /** Appends one line, which ends in a line feed. */
  write(line: string): void {
    if (this.#outage.holdsBack) {
      this.#outage.lineDropped();
      return;
    }
    const bytes = Buffer.from(line);
    const isWritten = this.#attempt(() => {
      this.#open();
      this.#rotateBefore(bytes.length);
      this.#append(bytes);
    });
    if (isWritten) {
      this.#outage.succeeded();
    } else {
      this.#outage.lineDropped();
    }
  }

  /** Waits until the disk has what was written, as far as the disk tells. */
  sync(): void {
    const descriptor = this.#descriptor;
    if (descriptor !== undefined) {
      this.#attempt(() => fsyncSync(descriptor));
    }
  }

  /** Gives the descriptor back. A line that is written later opens the file again. */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) {
      this.#attempt(() => closeSync(descriptor));
    }
  }

  #attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.#outage.failed(findErrorCode(error) ?? "UNKNOWN");
      return false;
    }
  }

  #open(): void {
    const nowMs = performance.now();
    if (this.#descriptor !== undefined && nowMs >= this.#lookAgainAtMs) {
      this.#lookAgainAtMs = nowMs + recheckDelayMs;
      this.#lookWhetherItIsStillThere(this.#descriptor);
    }
    if (this.#descriptor !== undefined) {
      return;
    }
    const mode = this.#options.mode ?? 0o600;
    // Who may read a file has to get to it.
    mkdirSync(dirname(this.#path), { recursive: true, mode: mode === 0o600 ? 0o700 : 0o750 });
    // Reading too, for the last byte; and so that the open of a pipe does not wait for its reader.
    const descriptor = openSync(this.#path, "a+", mode);
    const status = fstatSync(descriptor);
    if (!status.isFile()) {
      closeSync(descriptor);
      throw new NotAFileError();
    }
    setMode(descriptor, status.mode, mode);
    this.#descriptor = descriptor;
    this.#sizeBytes = status.size;
    this.#endsInsideALine = status.size > 0 && readLastByte(descriptor, status.size) !== newLine;
    this.#lookAgainAtMs = nowMs + recheckDelayMs;
  }

  /** Somebody may have deleted or moved the file; lines would go where nobody looks. */
  #lookWhetherItIsStillThere(descriptor: number): void {
    const opened = fstatSync(descriptor);
    const named = statSync(this.#path, { throwIfNoEntry: false });
    this.#sizeBytes = opened.size;
    if (named?.ino !== opened.ino || named.dev !== opened.dev) {
      this.close();
    }
  }

  #rotateBefore(bytes: number): void {
    const isFull = this.#sizeBytes > 0 && this.#sizeBytes + bytes > this.#options.maxFileBytes;
    if (!isFull || performance.now() < (this.#rotateAgainAtMs ?? 0)) {
      return;
    }
    const isFirstFailure = this.#rotateAgainAtMs === undefined;
    this.close();
    try {
      this.#renameAll();
      this.#rotateAgainAtMs = undefined;
    } catch (error) {
      // A file that is too long is better than lines that are lost.
      this.#rotateAgainAtMs = performance.now() + 60 * this.#retryAfterMs;
      if (isFirstFailure) {
        this.#options.reports.rotationFailed(findErrorCode(error) ?? "UNKNOWN");
      }
    }
    this.#open();
  }

  #renameAll(): void {
    const { maxFiles } = this.#options;
    if (maxFiles <= 1) {
      rmSync(this.#path, { force: true });
      return;
    }
    for (let number = maxFiles - 1; number >= 1; number--) {
      try {
        renameSync(this.#getName(number - 1), this.#getName(number));
      } catch (error) {
        if (findErrorCode(error) !== "ENOENT") {
          throw error;
        }
      }
    }
  }

  #getName(number: number): string {
    const { dir, name, ext } = parse(this.#path);
    return number === 0 ? this.#path : resolve(dir, `${name}.${number}${ext}`);
  }

  #append(bytes: Buffer): void {
    const descriptor = this.#descriptor as number;
    const whole = this.#endsInsideALine ? Buffer.concat([Buffer.of(newLine), bytes]) : bytes;
    let written = 0;
    try {
      while (written < whole.length) {
        written += writeSync(descriptor, whole, written);
      }
    } catch (error) {
      this.#takeBack(descriptor, written);
      throw error;
    }
    this.#endsInsideALine = false;
    this.#sizeBytes += written;
  }

  /** A full disk takes the beginning of a line. It is cut off, unless somebody else wrote after it. */
  #takeBack(descriptor: number, written: number): void {
    if (written === 0) {
      return;
    }
    this.#endsInsideALine = true;
    if (fstatSync(descriptor).size === this.#sizeBytes + written) {
      ftruncateSync(descriptor, this.#sizeBytes);
      this.#endsInsideALine = false;
    }
  }
}

/** Whatever the process's mask is, and whoever made the file. */
function setMode(descriptor: number, found: number, wanted: number): void {
  if (process.platform === "win32" || (found & 0o777) === wanted) {
    return;
  }
  try {
    fchmodSync(descriptor, wanted);
  } catch (error) {
    // It is another user's, who lets us write into it: the lines matter more.
    if (findErrorCode(error) !== "EPERM") {
      throw error;
    }
  }
}

function readLastByte(descriptor: number, sizeBytes: number): number | undefined {
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, sizeBytes - 1);
  return byte[0];
}
