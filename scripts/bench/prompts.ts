/** Words that are common enough to be about a token each in any vocabulary of English. */
const words = (
  "river stone garden winter morning letter window market bridge forest summer village paper " +
  "silver mountain kitchen island doctor teacher farmer captain engine harbor valley candle " +
  "mirror basket ladder hammer blanket shadow thunder orchard meadow castle lantern pocket feather " +
  "barrel copper wagon pepper button rabbit saddle temple turtle violin walnut yellow anchor butter " +
  "carpet dragon falcon ginger helmet insect jacket kettle lemon magnet needle oyster"
).split(" ");

/**
 * Prompts of which each begins with another word than the last sixty: none of them finds a beginning
 * of itself in the cache of an earlier one. The same seed gives the same prompts.
 */
export class Prompts {
  #state: number;
  #count = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Asks for a text that goes on for long. */
  story(): string {
    const [one, two, three] = [this.#opening(), this.#word(), this.#word()];
    return (
      `${one} and ${two}: the whole story of the ${three}, told slowly and with every detail, from the ` +
      "first day to the last. Chapter one. It was early in the day when"
    );
  }

  /** So many words in no order. */
  ofWords(count: number): string {
    return [this.#opening(), ...Array.from({ length: count - 1 }, () => this.#word())].join(" ");
  }

  #opening(): string {
    const word = words[this.#count % words.length] as string;
    this.#count += 1;
    return word.charAt(0).toUpperCase() + word.slice(1);
  }

  /** A linear congruential generator is random enough to mix words. */
  #word(): string {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return words[Math.floor((this.#state / 2 ** 32) * words.length)] as string;
  }
}
