import type { Contract, Span } from "#contract";
import { AllowList, type RemovedKind } from "./allow-list.ts";
import { type IntakeCounts, IntakeLedger } from "./intake-counts.ts";
import { PartBudget } from "./part-budget.ts";
import type { PartialSuccess } from "./protocol.ts";
import { ReceiverError } from "./receiver-error.ts";
import { TextLimit } from "./text-limit.ts";

export interface IntakeOptions {
  /** Resolves when the spans are safe; only then an export is answered. */
  readonly accept: (spans: readonly Span[]) => Promise<void>;
  /** Bytes of exports that may be in memory at once; what comes on top is told to come again. */
  readonly maxBytesInFlight: number;
  /** What is longer is cut. */
  readonly textLimitBytes: number;
  /** Whose allow-list is applied to the spans of its service; null: nobody's. */
  readonly allowListOf: Contract | null;
  /** Is told of each export of which something was taken out. */
  readonly onFiltered: (filtered: IntakeFiltered) => void;
}

export interface IntakeFiltered {
  readonly textsCut: number;
  readonly removed: Readonly<Partial<Record<RemovedKind, number>>>;
}

/** Reads an export, and counts its parts while it does. */
type Decode = (body: Buffer, budget: PartBudget) => Span[];

/** What both transports do with an export, and the bound on what is in flight in both together. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #ledger = new IntakeLedger();
  readonly #textLimit: TextLimit;
  readonly #allowList: AllowList | undefined;
  #bytesInFlight = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#textLimit = new TextLimit(options.textLimitBytes);
    this.#allowList = options.allowListOf === null ? undefined : new AllowList(options.allowListOf);
  }

  counts(): IntakeCounts {
    return this.#ledger.counts();
  }

  /** Counts an export that a transport answers with an error. */
  refused({ code }: ReceiverError): void {
    this.#ledger.refused(code);
  }

  /** Room for an export, which grows as its bytes arrive. It must be released. */
  reserve(): Reservation {
    let bytes = 0;
    return {
      grow: (by) => {
        // An export alone is always let in, so that the largest allowed is never shut out for good.
        const isAlone = this.#bytesInFlight === bytes;
        if (!isAlone && this.#bytesInFlight + by > this.#options.maxBytesInFlight) {
          throw new ReceiverError(
            "overloaded",
            "Too many exports are being written. Send this one again after a moment.",
          );
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
   * Decodes an export and hands its spans on, without what may not be in them.
   * @param reservation Grows by what the spans need in memory.
   * @returns What the sender should know, if anything, though its export was taken.
   * @throws ReceiverError when no span of it can be taken.
   */
  async take(
    body: Buffer,
    decode: Decode,
    reservation: Reservation,
  ): Promise<PartialSuccess | undefined> {
    const budget = new PartBudget();
    const sent = decodeOrRefuse(body, (bytes) => decode(bytes, budget));
    reservation.grow(budget.bytes);
    const valid = sent.filter(hasValidIds);
    const rejectedSpans = sent.length - valid.length;
    this.#ledger.rejected(rejectedSpans);
    const idFault = `${rejectedSpans} of ${sent.length} spans have no valid id: a trace id has 16 bytes, a span id and a parent's 8, not all of them zero.`;
    if (rejectedSpans > 0 && valid.length === 0) {
      throw new ReceiverError("malformed", idFault);
    }
    const { spans, warnings } = this.#filter(valid);
    if (spans.length > 0) {
      await this.#hand(spans);
    }
    this.#ledger.taken(spans.length);
    const sentences = [...(rejectedSpans > 0 ? [idFault] : []), ...warnings];
    return sentences.length > 0 ? { rejectedSpans, errorMessage: sentences.join(" ") } : undefined;
  }

  #filter(sent: readonly Span[]): { spans: readonly Span[]; warnings: string[] } {
    const { spans: allowed, removed } = this.#allowList?.apply(sent) ?? {
      spans: sent,
      removed: new Map<RemovedKind, number>(),
    };
    const { spans, cut } = this.#textLimit.apply(allowed);
    this.#ledger.removed(removed);
    this.#ledger.cut(cut);
    if (removed.size > 0 || cut > 0) {
      this.#options.onFiltered({ textsCut: cut, removed: Object.fromEntries(removed) });
    }
    const kinds = [...removed].map(([kind, count]) => `${kind} (${count})`).join(", ");
    return {
      spans,
      warnings: [
        ...(removed.size > 0 ? [`The allow-list removed: ${kinds}.`] : []),
        ...(cut > 0
          ? [
              `${cut === 1 ? "1 text" : `${cut} texts`} of more than ${this.#options.textLimitBytes} bytes lost what was longer.`,
            ]
          : []),
      ],
    };
  }

  async #hand(spans: readonly Span[]): Promise<void> {
    try {
      await this.#options.accept(spans);
    } catch {
      // Why is for the operator, who hears it from `accept`'s side; the sender only keeps its spans.
      throw new ReceiverError(
        "unavailable",
        "The spans could not be stored. Keep them and send them again.",
      );
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

function decodeOrRefuse(body: Buffer, decode: (body: Buffer) => Span[]): Span[] {
  try {
    return decode(body);
  } catch (error) {
    if (error instanceof ReceiverError) {
      throw error;
    }
    // The decoder's message says where in the bytes it stopped, which helps nobody who reads it here.
    throw new ReceiverError(
      "malformed",
      "The body is not an OTLP ExportTraceServiceRequest in protobuf, or nests its values too deeply.",
    );
  }
}
