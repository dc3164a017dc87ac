import {
  type LlamaContext,
  type LlamaContextSequence,
  LlamaGrammarEvaluationState,
  type Token,
} from "node-llama-cpp";
import type { OutputGrammar } from "./output-grammar.ts";
import type { ResolvedSampling } from "./sampling.ts";
import type { SlotCandidate } from "./slot-choice.ts";

export interface SampledToken {
  readonly token: number;
  readonly isEndOfGeneration: boolean;
}

/**
 * One sequence of the context with the cache that it keeps between requests. It outlives requests;
 * a request borrows it through a slot.
 */
export class SlotSequence {
  readonly #context: LlamaContext;
  #sequence: LlamaContextSequence;
  #promptTokens = 0;
  #lastUse = 0;

  constructor(context: LlamaContext) {
    this.#context = context;
    this.#sequence = takeSequence(context);
  }

  /** How well this sequence suits a prompt; see chooseSlot. */
  candidateFor(tokens: readonly number[]): SlotCandidate {
    const cachedTokens = this.#sequence.nextTokenIndex;
    return {
      cachedTokens,
      cachedPromptTokens: Math.min(this.#promptTokens, cachedTokens),
      matchingTokens: this.#sequence.compareContextTokens(tokens as Token[]).firstDifferentIndex,
      lastUse: this.#lastUse,
    };
  }

  beginRequest(promptTokens: number, use: number): void {
    this.#promptTokens = promptTokens;
    this.#lastUse = use;
  }

  /** Another prompt of the same request, with nothing of the cache. */
  async startOver(promptTokens: number): Promise<void> {
    await this.#sequence.clearHistory();
    this.#promptTokens = promptTokens;
  }

  /** Drops all cache that is not a beginning of these tokens. Returns how many stay in the cache. */
  async keepPrefixOf(tokens: readonly number[]): Promise<number> {
    // Without shifting: a shifted cache can keep more than was asked for. Models that cannot cut
    // their cache go back further, so the length is read afterwards.
    await this.#sequence.adaptStateToTokens(tokens as Token[], false);
    return this.#sequence.nextTokenIndex;
  }

  evaluate(tokens: readonly number[]): Promise<void> {
    return this.#sequence.evaluateWithoutGeneratingNewTokens(tokens as Token[]);
  }

  /**
   * Each `next` evaluates one token, the first time the given one, and samples the one after it. It
   * would go on for ever, past the end of the answer too.
   */
  async *sample(
    token: number,
    sampling: ResolvedSampling,
    grammar: OutputGrammar | undefined,
  ): AsyncGenerator<SampledToken, void> {
    const { model } = this.#context;
    const options = {
      ...sampling,
      yieldEogToken: true,
      ...(grammar === undefined
        ? {}
        : {
            tokenBias: grammar.withoutControlTokens,
            grammarEvaluationState: new LlamaGrammarEvaluationState({
              model,
              grammar: grammar.native,
            }),
          }),
    };
    for await (const { token: sampled } of this.#sequence.evaluateWithMetadata(
      [token as Token],
      {},
      options,
    )) {
      yield { token: sampled, isEndOfGeneration: model.isEogToken(sampled) };
    }
  }

  /** After a failure nothing that the cache holds can be trusted. */
  async dropCache(): Promise<void> {
    this.#promptTokens = 0;
    try {
      await this.#sequence.clearHistory();
    } catch {
      await this.#sequence.dispose();
      this.#sequence = takeSequence(this.#context);
    }
  }
}

function takeSequence(context: LlamaContext): LlamaContextSequence {
  return context.getSequence({
    contextShift: {
      // Without this the library would silently forget the middle of an overlong text. Prompts and
      // answers are measured before, so that it never gets here.
      strategy: () => {
        throw new Error("The context is full.");
      },
    },
  });
}
