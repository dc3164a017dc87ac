import type { Span } from "#contract";
import type { PartialSuccess } from "./protocol.ts";
import { ReceiverError } from "./receiver-error.ts";

export interface IntakeOptions {
  /** Resolves when the spans are safe; only then an export is answered. */
  readonly accept: (spans: Span[]) => Promise<void>;
  /** Bytes of exports that may be in memory at once; what comes on top is told to come again. */
  readonly maxBytesInFlight: number;
}

/** What both transports do with an export, and the bound on what is in flight in both together. */
export class Intake {
  readonly #options: IntakeOptions;
  #bytesInFlight = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
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
   * Decodes an export and hands its spans on.
   * @throws ReceiverError when no span of it can be taken.
   */
  async take(body: Buffer, decode: (body: Buffer) => Span[]): Promise<PartialSuccess | undefined> {
    const sent = decodeOrRefuse(body, decode);
    const spans = sent.filter(hasValidIds);
    const rejectedSpans = sent.length - spans.length;
    const errorMessage = `${rejectedSpans} of ${sent.length} spans have no valid id: a trace id has 16 bytes, a span id and a parent's 8, not all of them zero.`;
    if (rejectedSpans > 0 && spans.length === 0) {
      throw new ReceiverError("malformed", errorMessage);
    }
    if (spans.length > 0) {
      await this.#hand(spans);
    }
    return rejectedSpans > 0 ? { rejectedSpans, errorMessage } : undefined;
  }

  async #hand(spans: Span[]): Promise<void> {
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
