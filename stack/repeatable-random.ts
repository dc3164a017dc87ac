/** Numbers that look like chance; the same seed gives the same ones on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number of 32 bits, by mulberry32. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** At least 0 and below 1. */
  share(): number {
    return this.bits() / 2 ** 32;
  }

  isOneIn(count: number): boolean {
    return this.share() * count < 1;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.share() * (most - least + 1));
  }

  /** Around a middle that half are below, with a long tail above it, as times of requests are. */
  around(middle: number, spread: number): number {
    const normal =
      Math.sqrt(-2 * Math.log(1 - this.share())) * Math.cos(2 * Math.PI * this.share());
    return middle * Math.exp(spread * normal);
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.share() * items.length)] as Item;
  }

  /** So many hexadecimal digits, a multiple of 8. */
  hex(digits: number): string {
    let text = "";
    while (text.length < digits) {
      text += this.bits().toString(16).padStart(8, "0");
    }
    return text;
  }
}
