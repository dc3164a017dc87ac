interface WaitingEvaluation {
  readonly wantedTokens: number;
  readonly start: (grantedTokens: number) => Promise<void>;
}

/**
 * Brings the evaluations of all slots into step: a round takes one evaluation of every slot that
 * has one ready, starts them together, so that llama.cpp computes them as one batch, and ends when
 * the last is done.
 *
 * Left alone, two generators on one context overtake each other: the first asks for its next step
 * while the second's token is still being sampled, so every batch holds one token, and the context
 * is never idle, so that a new request which must erase old cache waits until all others have
 * ended. (Measured: batches of 1.02 tokens on average with two generators.)
 *
 * The tokens of prompts share a budget a round, so a long prompt delays the steps of others by no
 * more than one chunk, and a short prompt beside a long one is not kept waiting.
 */
export class BatchRounds {
  readonly #promptTokensPerRound: number;
  #waiting: WaitingEvaluation[] = [];
  #isRunning = false;
  #isScheduled = false;
  #count = 0;

  constructor(options: { readonly promptTokensPerRound: number }) {
    this.#promptTokensPerRound = options.promptTokensPerRound;
  }

  /** How many rounds have begun. */
  get count(): number {
    return this.#count;
  }

  /** Runs one generation step in the next round. */
  step<Result>(run: () => Promise<Result>): Promise<Result> {
    return this.#enqueue(0, run);
  }

  /** Runs a part of a prompt in the next round: `run` learns how many tokens it may evaluate. */
  chunk<Result>(
    wantedTokens: number,
    run: (grantedTokens: number) => Promise<Result>,
  ): Promise<Result> {
    return this.#enqueue(wantedTokens, run);
  }

  #enqueue<Result>(
    wantedTokens: number,
    run: (grantedTokens: number) => Promise<Result>,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const start = async (grantedTokens: number): Promise<void> => {
        try {
          resolve(await run(grantedTokens));
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ wantedTokens, start });
      this.#schedule();
    });
  }

  /** The next turn of the event loop lets everybody who just got a token ask for the next one. */
  #schedule(): void {
    if (this.#isRunning || this.#isScheduled || this.#waiting.length === 0) {
      return;
    }
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#runRound();
    });
  }

  async #runRound(): Promise<void> {
    this.#isRunning = true;
    this.#count += 1;
    const evaluations = this.#waiting;
    this.#waiting = [];
    const grants = shareTokens(
      evaluations.map((evaluation) => evaluation.wantedTokens),
      this.#promptTokensPerRound,
    );
    await Promise.all(evaluations.map((evaluation, index) => evaluation.start(grants[index] ?? 0)));
    this.#isRunning = false;
    this.#schedule();
  }
}

/**
 * Shares the budget so that nobody gets more than wanted and what the small leave goes to the
 * large. Whoever wants something gets at least one token, so that everybody gets on.
 */
export function shareTokens(wanted: readonly number[], budget: number): number[] {
  const grants = wanted.map(() => 0);
  const smallestFirst = wanted
    .map((tokens, index) => ({ tokens, index }))
    .filter(({ tokens }) => tokens > 0)
    .sort((left, right) => left.tokens - right.tokens);
  let left = budget;
  smallestFirst.forEach(({ tokens, index }, position) => {
    const equalShare = Math.floor(left / (smallestFirst.length - position));
    const granted = Math.min(tokens, Math.max(equalShare, 1));
    grants[index] = granted;
    left -= granted;
  });
  return grants;
}
