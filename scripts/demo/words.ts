import { Random } from "../../stack/index.ts";
import { ask, type Target } from "./client.ts";

const words =
  "the river winter kettle garden letter engine window music summer paper train doctor stone morning island".split(
    " ",
  );

/** Texts that differ each time, so that no prefix cache has seen them. */
export class Words {
  readonly #random: Random;
  #tokensPerWord: number | undefined;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  take(count: number): string {
    return Array.from({ length: count }, () => this.pick(words)).join(" ");
  }

  /** A text of about as many tokens, as a server counts them. */
  async fill(tokens: number, target: Target): Promise<string> {
    this.#tokensPerWord ??= await this.#measure(target);
    return this.take(Math.round(tokens / this.#tokensPerWord));
  }

  async #measure(target: Target): Promise<number> {
    const count = 100;
    const { inputTokens = count } = await ask(target, "/v1/completions", {
      prompt: this.take(count),
      max_tokens: 1,
    });
    return inputTokens / count;
  }

  pick<Value>(values: readonly Value[]): Value {
    return this.#random.oneOf(values);
  }
}
