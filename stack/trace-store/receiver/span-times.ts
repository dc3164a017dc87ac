import type { Span, SpanEvent } from "#contract";

const minuteNs = 60_000_000_000n;
/** So far a sender's clock, or its time zone, may be ahead. */
const mostAheadNs = 24n * 60n * minuteNs;

/**
 * Moves times that cannot be: 0, which is protobuf's "not set"; an end before its start; and what lies
 * more than a day after the export came in. A single one of those would otherwise stretch the store
 * over centuries, outlive every retention, and sum up beyond 64 bits.
 *
 * What has no time of its own gets that of its span. What is in such a future was in the minute in
 * which it came; a span that begins there keeps its length. The minute, so that the same span that is
 * sent again is mostly the same span.
 */
export class SpanTimes {
  readonly #minuteNs: bigint;
  readonly #latestNs: bigint;
  #moved = 0;

  constructor(arrivedMs: number) {
    const arrivedNs = BigInt(Math.floor(arrivedMs)) * 1_000_000n;
    this.#minuteNs = arrivedNs - (arrivedNs % minuteNs);
    this.#latestNs = this.#minuteNs + mostAheadNs;
  }

  /** How many times were moved until now. */
  get moved(): number {
    return this.#moved;
  }

  /** The span itself where nothing had to be moved. */
  apply(span: Span): Span {
    const { startTimeUnixNano: sentStart, endTimeUnixNano: sentEnd } = span;
    const startTimeUnixNano = this.#start(sentStart, sentEnd);
    const shiftNs = sentStart > this.#latestNs ? sentStart - startTimeUnixNano : 0n;
    const endTimeUnixNano = this.#later(sentEnd - shiftNs, startTimeUnixNano, startTimeUnixNano);
    const moveEvent = (event: SpanEvent) => {
      const { timeUnixNano: sent } = event;
      const timeUnixNano =
        sent === 0n ? startTimeUnixNano : this.#later(sent - shiftNs, 0n, startTimeUnixNano);
      return sent === timeUnixNano ? event : { ...event, timeUnixNano };
    };
    const events = span.events.map(moveEvent);
    const movedBefore = this.#moved;
    this.#moved += sentStart === startTimeUnixNano ? 0 : 1;
    this.#moved += sentEnd === endTimeUnixNano ? 0 : 1;
    this.#moved += events.filter((event, index) => event !== span.events[index]).length;
    return this.#moved === movedBefore
      ? span
      : { ...span, startTimeUnixNano, endTimeUnixNano, events };
  }

  /** An end or an event. Nothing of a span is later than its arrival, unless all of it is. */
  #later(ns: bigint, firstNs: bigint, startNs: bigint): bigint {
    if (ns <= this.#latestNs) {
      return ns < firstNs ? firstNs : ns;
    }
    return this.#minuteNs > startNs ? this.#minuteNs : startNs;
  }

  #start(startNs: bigint, endNs: bigint): bigint {
    if (startNs > this.#latestNs) {
      return this.#minuteNs;
    }
    if (startNs > 0n) {
      return startNs;
    }
    return endNs > 0n && endNs <= this.#latestNs ? endNs : this.#minuteNs;
  }
}
