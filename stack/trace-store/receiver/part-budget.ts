import { ReceiverError } from "./receiver-error.ts";

/**
 * How many parts (spans, attributes, values, events …) one export may have. A part can be two bytes
 * on the wire and is an object in memory, so the size of an export alone bounds nothing.
 */
const mostParts = 1_000_000;

/** What a part needs in memory, as measured over ordinary exports, texts aside. */
const bytesPerPart = 64;
/** A span is as large as so many other parts. */
export const partsOfSpan = 10;

/** Counts the parts of one export while it is read. */
export class PartBudget {
  #used = 0;

  /** @throws ReceiverError `too_large` when there are too many. */
  take(parts: number): void {
    this.#used += parts;
    if (this.#used > mostParts) {
      throw new ReceiverError("too_large", {
        most: `${mostParts} parts, a span counting as ${partsOfSpan} and an attribute as 2`,
      });
    }
  }

  /** What the export needs in memory once it is read, about. */
  get bytes(): number {
    return this.#used * bytesPerPart;
  }
}
