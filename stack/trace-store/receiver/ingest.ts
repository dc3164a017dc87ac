import type { Contract, Span, SpanEvent } from "#contract";
import { AllowList, type RemovedKind } from "./allow-list.ts";
import { IngestCounters, type IngestCounts } from "./ingest-counters.ts";
import {
  addOutcomes,
  countOutcomes,
  type OutcomeCounts,
  outcomeSentences,
  Reading,
  refusedSpans,
} from "./outcomes.ts";
import type { PartialSuccess } from "./protocol.ts";
import { ReceiverError } from "./receiver-error.ts";
import { SpanTexts } from "./span-texts.ts";

interface IngestOptions {
  /** Resolves when the spans are safe; only then an export is answered. */
  readonly accept: (spans: readonly Span[]) => Promise<void>;
  /** Bytes of exports that may be in memory at once; what comes on top is told to come again. */
  readonly maxBytesInFlight: number;
  /** What is longer is cut. */
  readonly textLimitBytes: number;
  /** What time it is, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Whose allow-lists are applied, each to the spans of its service. */
  readonly allowListContracts: readonly Contract[];
  /** Is told of each export of which something was not taken as it was sent. */
  readonly onFiltered: (filtered: FilteredExport) => void;
}

export interface FilteredExport {
  readonly outcomes: OutcomeCounts;
  readonly removed: Readonly<Partial<Record<RemovedKind, number>>>;
}

/** Reads an export, and notes what is not as it should be. */
type Decode = (body: Buffer, reading: Reading) => Span[];

/** What both transports do with an export, and the bound on what is in flight in both together. */
export class Ingest {
  readonly #options: IngestOptions;
  readonly #counters = new IngestCounters();
  readonly #texts: SpanTexts;
  readonly #allowList: AllowList | undefined;
  #bytesInFlight = 0;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#texts = new SpanTexts(options.textLimitBytes);
    this.#allowList =
      options.allowListContracts.length === 0
        ? undefined
        : new AllowList(options.allowListContracts);
  }

  counts(): IngestCounts {
    return this.#counters.counts();
  }

  /** Counts an export that a transport answers with an error. */
  refused({ code }: ReceiverError): void {
    this.#counters.refused(code);
  }

  /** Room for an export, which grows as its bytes arrive. It must be released. */
  reserve(): Reservation {
    let bytes = 0;
    return {
      grow: (by) => {
        // An export alone is always let in, so that the largest allowed is never shut out for good.
        const isAlone = this.#bytesInFlight === bytes;
        if (!isAlone && this.#bytesInFlight + by > this.#options.maxBytesInFlight) {
          throw new ReceiverError("overloaded");
        }
        this.#bytesInFlight += by;
        bytes += by;
      },
      release: () => {
        this.#bytesInFlight -= bytes;
        bytes = 0;
      },
    };
  }

  /**
   * Decodes an export and hands its spans on, without what may not be in them. All forms of OTLP come
   * through here, so that the same spans have the same fate in each.
   * @param reservation Grows by what the spans need in memory.
   * @returns What the sender should know, if anything, though its export was taken.
   * @throws ReceiverError when no span of it can be taken.
   */
  async take(
    body: Buffer,
    decode: Decode,
    reservation: Reservation,
  ): Promise<PartialSuccess | undefined> {
    const reading = new Reading();
    const sent = decodeOrRefuse(body, (bytes) => decode(bytes, reading));
    reservation.grow(reading.budget.bytes);
    const { spans, outcomes, spanCount, removed } = this.#judge(sent, reading);
    const sentences = [
      ...outcomeSentences(outcomes, spanCount),
      ...reading.places,
      ...(removed.size > 0 ? [`The allow-list removed: ${listed(removed)}.`] : []),
    ];
    const rejectedSpans = refusedSpans(outcomes);
    this.#counters.noted({ outcomes, rejectedSpans, removed });
    if (sentences.length > 0) {
      this.#options.onFiltered({ outcomes, removed: Object.fromEntries(removed) });
    }
    if (rejectedSpans > 0 && spans.length === 0) {
      throw new ReceiverError("malformed", { fault: sentences.join(" ") });
    }
    if (spans.length > 0) {
      await this.#hand(spans);
    }
    this.#counters.taken(spans.length);
    return sentences.length > 0 ? { rejectedSpans, errorMessage: sentences.join(" ") } : undefined;
  }

  /** What of the spans is taken, and what became of the rest. */
  #judge(sent: readonly Span[], reading: Reading) {
    const times = new SpanTimes(this.#options.nowMs());
    const valid = sent.filter(hasValidIds);
    const timed = valid.map((span) => times.apply(span));
    const { spans: allowed, removed } = this.#allowList?.apply(timed) ?? {
      spans: timed,
      removed: new Map<RemovedKind, number>(),
    };
    const { spans, cut, repaired } = this.#texts.apply(allowed);
    const read = countOutcomes(reading.outcomes);
    const outcomes = addOutcomes(read, {
      span_id_invalid: sent.length - valid.length,
      text_cut: cut,
      text_repaired: repaired,
      time_moved: times.moved,
    });
    return { spans, outcomes, spanCount: sent.length + refusedSpans(read), removed };
  }

  async #hand(spans: readonly Span[]): Promise<void> {
    try {
      await this.#options.accept(spans);
    } catch {
      // Why is for the operator, who hears it from `accept`'s side; the sender only keeps its spans.
      throw new ReceiverError("unavailable");
    }
  }
}

export interface Reservation {
  /** @throws ReceiverError when there is no room for so many bytes more. */
  readonly grow: (by: number) => void;
  readonly release: () => void;
}

function hasValidIds(span: Span): boolean {
  const { traceId, spanId, parentSpanId } = span;
  return isId(traceId, 32) && isId(spanId, 16) && (parentSpanId === null || isId(parentSpanId, 16));
}

const zeros = "0".repeat(32);

function isId(id: string, digits: number): boolean {
  return id.length === digits && !zeros.startsWith(id);
}

function listed(removed: ReadonlyMap<RemovedKind, number>): string {
  return [...removed].map(([kind, count]) => `${kind} (${count})`).join(", ");
}

function decodeOrRefuse(body: Buffer, decode: (body: Buffer) => Span[]): Span[] {
  try {
    return decode(body);
  } catch (error) {
    if (error instanceof ReceiverError) {
      throw error;
    }
    // The decoder's message says where in the bytes it stopped, which helps nobody who reads it here.
    throw new ReceiverError("malformed", {
      fault: "The body is not an OTLP ExportTraceServiceRequest in protobuf.",
    });
  }
}

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
