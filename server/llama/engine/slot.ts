import type { BatchRounds } from "./batch-rounds.ts";
import { EngineError } from "./engine-error.ts";
import type { OutputGrammar } from "./output-grammar.ts";
import type { SlotLease } from "./slot-pool.ts";
import { resolveSampling, type SamplingOptions, type TokenChances } from "./slot-sequence.ts";

export interface PrefillOptions {
  readonly signal: AbortSignal;
  /** Called after each chunk with the tokens of the prompt that are in the cache by then. */
  readonly onChunk?: ((evaluatedTokens: number) => void) | undefined;
}

export interface PrefillResult {
  /** Prompt tokens found in the cache. */
  readonly cacheHits: number;
  /** Prompt tokens not found there. Both together are the prompt's tokens. */
  readonly cacheMisses: number;
}

/** Evaluates one step, counted from 0. Whoever gives one can look at each step while it runs. */
export type WrapStep = <Result>(index: number, evaluate: () => Promise<Result>) => Promise<Result>;

export interface DecodeOptions extends SamplingOptions {
  readonly wrapStep?: WrapStep | undefined;
  /** Left out: as many as the context has room for. What the context has no room for is cut. */
  readonly maxTokens?: number | undefined;
  /** Left out: any text. */
  readonly grammar?: OutputGrammar | undefined;
  /** Left out: the grammar holds from the beginning. */
  readonly steering?: Steering | undefined;
  readonly signal: AbortSignal;
}

/** Decides, after each token that it was given, how to go on. */
export interface Steering {
  /** Whether the next token must be one of the grammar's. */
  readonly isConstrained: boolean;
  /** What stands in the answer in place of the last token, if anything; asked for once after each. */
  takeReplacement(): readonly number[] | undefined;
}

/** More in one step would not fit into a round; then the token stays. */
export const maxReplacementTokens = 4;

/** One evaluation and the token sampled from it. */
export interface DecodeStep {
  readonly token: number;
  /** The token says that the answer is complete; it has no text. No step follows. */
  readonly isEndOfGeneration: boolean;
  /** Only where `listedCandidates` asks for it. */
  readonly chances?: TokenChances;
  /** From asking for the evaluation to having the token, in whole microseconds. */
  readonly stepUs: number;
}

/** A place in the engine, lent to one request. Call `prefill`, then `decode`, then `release`. */
export interface Slot {
  /** What the slot was asked for with, or goes on with. */
  readonly promptTokens: readonly number[];
  /** How long the request waited for the slot, in whole microseconds. */
  readonly waitedUs: number;
  /**
   * Brings the prompt into the cache, chunk by chunk; an abort takes effect after the chunk.
   *
   * @throws the signal's reason, EngineError generation_failed or engine_closed
   */
  prefill(options: PrefillOptions): Promise<PrefillResult>;
  /**
   * After an answer: brings another prompt into the cache in place of all that is there. Call `decode`
   * again then. Nothing of the cache is used, so that what it costs is known before.
   *
   * @throws what `prefill` throws
   */
  prefillNext(promptTokens: readonly number[], options: PrefillOptions): Promise<PrefillResult>;
  /**
   * After an answer: goes back to the end of the prompt, for another answer to it. Call `decode` again
   * then.
   *
   * @throws what `prefill` throws
   */
  prefillAgain(options: PrefillOptions): Promise<PrefillResult>;
  /**
   * Generates. An abort takes effect after the step. A loop may simply be left.
   *
   * @throws the signal's reason, EngineError generation_failed or engine_closed
   */
  decode(options: DecodeOptions): AsyncGenerator<DecodeStep, void>;
  /** Safe at any time and any number of times. What is cached stays there for the next request. */
  release(): void;
}

/** What a slot needs of its engine. */
export interface SlotDependencies {
  readonly rounds: BatchRounds;
  readonly contextTokens: number;
  readonly isClosing: () => boolean;
}

export class LeasedSlot implements Slot {
  promptTokens: readonly number[];
  readonly waitedUs: number;
  readonly #lease: SlotLease;
  readonly #dependencies: SlotDependencies;
  #phase: "leased" | "prefilled" | "decoding" | "released" = "leased";
  #cacheIsSuspect = false;
  #nativeWork: Promise<unknown> | undefined;

  constructor(options: {
    readonly lease: SlotLease;
    readonly promptTokens: readonly number[];
    readonly dependencies: SlotDependencies;
  }) {
    this.#lease = options.lease;
    this.promptTokens = options.promptTokens;
    this.#dependencies = options.dependencies;
    this.waitedUs = options.lease.waitedUs;
  }

  /**
   * The last token of the prompt is left to the first step of `decode`, because its evaluation is
   * what the first token is sampled from. So a step is an evaluation, without exception, and that
   * token counts as a miss even when an earlier request had it in the cache. A request that wants
   * no tokens never evaluates it; the cache then simply ends one token earlier.
   */
  async prefill({ signal, onChunk }: PrefillOptions): Promise<PrefillResult> {
    this.#enter("leased", "prefilled");
    const { sequence } = this.#lease;
    const prefix = this.promptTokens.slice(0, -1);
    this.#throwIfStopped(signal);
    const cacheHits = await this.#native(() => sequence.keepPrefix(prefix));
    let evaluated = cacheHits;
    while (evaluated < prefix.length) {
      this.#throwIfStopped(signal);
      evaluated += await this.#dependencies.rounds.chunk(
        prefix.length - evaluated,
        async (grantedTokens) => {
          this.#throwIfStopped(signal);
          const chunk = prefix.slice(evaluated, evaluated + grantedTokens);
          await this.#native(() => sequence.evaluate(chunk));
          return chunk.length;
        },
      );
      onChunk?.(evaluated);
    }
    return { cacheHits, cacheMisses: this.promptTokens.length - cacheHits };
  }

  async prefillNext(
    promptTokens: readonly number[],
    options: PrefillOptions,
  ): Promise<PrefillResult> {
    this.#enter("decoding", "leased");
    this.#throwIfStopped(options.signal);
    this.promptTokens = promptTokens;
    await this.#native(() => this.#lease.sequence.startOver(promptTokens.length));
    return await this.prefill(options);
  }

  async prefillAgain(options: PrefillOptions): Promise<PrefillResult> {
    this.#enter("decoding", "leased");
    return await this.prefill(options);
  }

  async *decode({
    signal,
    maxTokens,
    grammar,
    steering,
    wrapStep: aroundStep = (_index, evaluate) => evaluate(),
    ...options
  }: DecodeOptions): AsyncGenerator<DecodeStep, void> {
    this.#enter("prefilled", "decoding");
    const lastPromptToken = this.promptTokens.at(-1);
    if (lastPromptToken === undefined) {
      throw new Error("A slot was lent for an empty prompt.");
    }
    const room = this.#dependencies.contextTokens - this.promptTokens.length;
    let limit = Math.min(maxTokens ?? room, room);
    let index = 0;
    const takeReplacement = (): readonly number[] | undefined => {
      const tokens = steering?.takeReplacement() ?? [];
      if (tokens.length === 0 || tokens.length > Math.min(maxReplacementTokens, limit - index)) {
        return undefined;
      }
      limit -= tokens.length - 1;
      return tokens;
    };
    const samples = this.#lease.sequence.sample(lastPromptToken, resolveSampling(options), {
      grammar,
      isConstrained: () => steering?.isConstrained ?? true,
      takeReplacement,
    });
    try {
      for (; index < limit; index++) {
        this.#throwIfStopped(signal);
        const startedAt = performance.now();
        const sample = await aroundStep(index, () =>
          this.#dependencies.rounds.step(async () => {
            this.#throwIfStopped(signal);
            return this.#native(() => samples.next());
          }),
        );
        const stepUs = Math.round((performance.now() - startedAt) * 1000);
        if (sample.done) {
          throw new EngineError("generation_failed");
        }
        yield { ...sample.value, stepUs };
        if (sample.value.isEndOfGeneration) {
          return;
        }
      }
    } finally {
      await samples.return();
    }
  }

  release(): void {
    if (this.#phase === "released") {
      return;
    }
    this.#phase = "released";
    if (this.#nativeWork === undefined && !this.#cacheIsSuspect) {
      this.#lease.release();
    } else {
      void this.#giveBackWhenQuiet();
    }
  }

  /** Native code cannot be interrupted: the next request must not meet this one's evaluation. */
  async #giveBackWhenQuiet(): Promise<void> {
    try {
      await this.#nativeWork;
    } catch {
      // Whoever waits for this work gets its error; here only its end matters.
    }
    try {
      if (this.#cacheIsSuspect) {
        await this.#lease.sequence.dropCache();
      }
    } catch {
      // A sequence that cannot be cleaned fails in the next request, which reports it.
    }
    this.#lease.release();
  }

  #enter(from: "leased" | "prefilled" | "decoding", to: "prefilled" | "decoding" | "leased"): void {
    if (this.#phase === from) {
      this.#phase = to;
    } else {
      throw new Error(`A slot that is ${this.#phase} cannot become ${to}.`);
    }
  }

  #throwIfStopped(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#dependencies.isClosing()) {
      throw new EngineError("engine_closed");
    }
    if (this.#phase === "released") {
      throw new Error("This slot was released.");
    }
  }

  async #native<Result>(work: () => Promise<Result>): Promise<Result> {
    const running = work();
    this.#nativeWork = running;
    try {
      return await running;
    } catch (cause) {
      this.#cacheIsSuspect = true;
      throw new EngineError("generation_failed", { cause });
    } finally {
      this.#nativeWork = undefined;
    }
  }
}
