import type { HrTime } from "@opentelemetry/api";

const nanosecondsPerSecond = 1_000_000_000;
const nanosecondsPerMillisecond = 1_000_000;
const millisecondsPerSecond = 1_000;

/**
 * The one clock of a request. OpenTelemetry JS takes starts from the wall clock and ends from a
 * monotonic one, so that a child may seem to end after its parent. Here every start, end and event of
 * a request is monotonic time on top of one look at the wall clock.
 */
export class RequestClock {
  readonly #startedAt: bigint;
  readonly #epochSeconds: number;
  readonly #epochNanoseconds: number;

  /** @param startedAt When the request began, of `process.hrtime.bigint()`. */
  constructor(startedAt: bigint = process.hrtime.bigint()) {
    this.#startedAt = startedAt;
    const epochMs = Date.now() - this.#elapsedNanoseconds() / nanosecondsPerMillisecond;
    this.#epochSeconds = Math.floor(epochMs / millisecondsPerSecond);
    this.#epochNanoseconds = Math.round(
      (epochMs - this.#epochSeconds * millisecondsPerSecond) * nanosecondsPerMillisecond,
    );
  }

  /** Now, as seconds and nanoseconds since 1970. Never goes back. */
  now(): HrTime {
    return this.#after(this.#elapsedNanoseconds());
  }

  /** The start of the request. */
  start(): HrTime {
    return this.#after(0);
  }

  /** Microseconds since the start of the request. */
  elapsedUs(): number {
    return Math.floor(this.#elapsedNanoseconds() / 1_000);
  }

  #after(elapsedNanoseconds: number): HrTime {
    const nanoseconds = this.#epochNanoseconds + elapsedNanoseconds;
    const seconds = Math.floor(nanoseconds / nanosecondsPerSecond);
    return [this.#epochSeconds + seconds, nanoseconds - seconds * nanosecondsPerSecond];
  }

  #elapsedNanoseconds(): number {
    return Number(process.hrtime.bigint() - this.#startedAt);
  }
}
