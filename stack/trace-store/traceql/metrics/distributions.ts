type Numbers = readonly (number | null)[];

/** What is not above zero has no power of two, and lies below all that is. */
const notAboveZero = Number.NEGATIVE_INFINITY;

/**
 * How the values of each step are spread over powers of two: how many lie in
 * (2^(exponent-1), 2^exponent]. Kept in arrays of numbers, because tens of thousands of small objects
 * take longer to clear away than everything else takes together.
 */
export class Distributions {
  /** Where in the other arrays the buckets of a step begin; those of the last step end at the last. */
  readonly #starts: Int32Array;
  /** Within a step the lowest first. */
  readonly #exponents: Float64Array;
  readonly #counts: Float64Array;

  /** @param found Of each bucket its step, its exponent, null for what is not above zero, and its count. */
  constructor(
    stepCount: number,
    found: { readonly steps: Numbers; readonly exponents: Numbers; readonly counts: Numbers },
  ) {
    const { steps, exponents, counts } = found;
    this.#starts = new Int32Array(stepCount + 1);
    this.#exponents = new Float64Array(steps.length);
    this.#counts = new Float64Array(steps.length);
    for (const step of steps) {
      this.#starts[(step ?? 0) + 1] = this.#start((step ?? 0) + 1) + 1;
    }
    for (let step = 0; step < stepCount; step += 1) {
      this.#starts[step + 1] = this.#start(step + 1) + this.#start(step);
    }
    const filled = this.#starts.slice();
    for (let index = 0; index < steps.length; index += 1) {
      const step = steps[index] ?? 0;
      const place = filled[step] ?? 0;
      filled[step] = place + 1;
      this.#insert(this.#start(step), place, exponents[index] ?? notAboveZero, counts[index] ?? 0);
    }
  }

  /**
   * A quantile as far as powers of two know it: the values of a bucket are taken to grow exponentially
   * from the end of the bucket below to its own end, as Tempo does, so that the same numbers come out.
   * Below the lowest bucket there is none, so that one is taken to begin at half of its end. Of a step
   * without values it is 0.
   */
  quantile(step: number, quantile: number): number {
    const [from, to] = [this.#start(step), this.#start(step + 1)];
    let total = 0;
    for (let place = from; place < to; place += 1) {
      total += this.#count(place);
    }
    const wanted = Math.max(1, Math.ceil(quantile * total));
    let below = 0;
    for (let place = from; place < to; place += 1) {
      const [exponent, count] = [this.#exponent(place), this.#count(place)];
      if (below + count >= wanted || place === to - 1) {
        const share = Math.min(1, (wanted - below) / count);
        const lower = place === from ? notAboveZero : this.#exponent(place - 1);
        const first = lower === notAboveZero ? exponent - 1 : lower;
        return exponent === notAboveZero ? 0 : 2 ** (first + (exponent - first) * share);
      }
      below += count;
    }
    return 0;
  }

  /** The largest values of all buckets that any step has. */
  get bounds(): readonly number[] {
    return [...new Set(this.#exponents)].map((exponent) => 2 ** exponent);
  }

  /** How many values of a step are in the bucket with this largest value. */
  countAt(step: number, bound: number): number {
    for (let place = this.#start(step); place < this.#start(step + 1); place += 1) {
      if (2 ** this.#exponent(place) === bound) {
        return this.#count(place);
      }
    }
    return 0;
  }

  /** Among the buckets of its step, which are few, those above it a place further. */
  #insert(start: number, end: number, exponent: number, count: number): void {
    let place = end;
    while (place > start && this.#exponent(place - 1) > exponent) {
      this.#exponents[place] = this.#exponent(place - 1);
      this.#counts[place] = this.#count(place - 1);
      place -= 1;
    }
    this.#exponents[place] = exponent;
    this.#counts[place] = count;
  }

  #start(step: number): number {
    return this.#starts[step] as number;
  }

  #exponent(place: number): number {
    return this.#exponents[place] as number;
  }

  #count(place: number): number {
    return this.#counts[place] as number;
  }
}
