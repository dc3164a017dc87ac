import { randomInt } from "node:crypto";
import {
  type LlamaContext,
  type LlamaContextSequence,
  LlamaGrammarEvaluationState,
  type LlamaModel,
  type Token,
  TokenBias,
} from "node-llama-cpp";
import type { OutputGrammar } from "./output-grammar.ts";

interface SampledToken {
  readonly token: number;
  readonly isEndOfGeneration: boolean;
  /** Only where `listedCandidates` asks for it. */
  readonly chances?: TokenChances;
}

/** How likely tokens were when one was sampled: among those that the sampling left, 0 to 1. */
export interface TokenChances {
  readonly probability: number;
  /** The likeliest tokens, the likeliest first. */
  readonly candidates: readonly { readonly token: number; readonly probability: number }[];
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
  async keepPrefix(tokens: readonly number[]): Promise<number> {
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
    { grammar, isConstrained, takeReplacement }: Constraint,
  ): AsyncGenerator<SampledToken, void> {
    const { model, contextSize } = this.#context;
    const { tokenBias: bias, penalties, listedCandidates, ...fixed } = sampling;
    const answer: Token[] = [];
    const evaluation = this.#sequence.evaluateWithMetadata(
      [token as Token],
      listedCandidates === undefined ? {} : { probabilities: true as const },
      {
        ...fixed,
        yieldEogToken: true,
        ...(penalties && {
          repeatPenalty: {
            ...penalties,
            punishTokens: () => answer,
            maxPunishTokens: contextSize,
          },
        }),
        tokenBias: toTokenBias(model, bias),
        ...(grammar && constrained(model, { grammar, bias, isConstrained })),
      },
    );
    try {
      let step = await evaluation.next();
      while (!step.done) {
        const { token: sampled } = step.value;
        answer.push(sampled);
        const isEndOfGeneration = model.isEogToken(sampled);
        // The library's types do not say that it is there where it is asked for.
        const { probabilities } = step.value as { probabilities?: ReadonlyMap<Token, number> };
        const chances = probabilities && chancesOf(sampled, probabilities, listedCandidates);
        yield { token: sampled, isEndOfGeneration, ...(chances && { chances }) };
        step = await evaluation.next(takeReplacement() as Token[] | undefined);
      }
    } finally {
      await evaluation.return();
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

/** @param probabilities the likeliest first; of a large vocabulary too many to look at each */
function chancesOf(
  sampled: Token,
  probabilities: ReadonlyMap<Token, number>,
  listedCandidates = 0,
): TokenChances {
  const likeliest = probabilities.entries();
  const candidates: { token: number; probability: number }[] = [];
  while (candidates.length < listedCandidates) {
    const next = likeliest.next();
    if (next.done) {
      break;
    }
    const [token, probability] = next.value;
    candidates.push({ token, probability });
  }
  return { probability: probabilities.get(sampled) ?? 0, candidates };
}

/** What decides about the next token besides the model. */
interface Constraint {
  readonly grammar: OutputGrammar | undefined;
  /** Whether the grammar holds for the next token. What it throws would leave the step hanging. */
  readonly isConstrained: () => boolean;
  /** What goes on the record in place of the last token. */
  readonly takeReplacement: () => readonly number[] | undefined;
}

function constrained(
  model: LlamaModel,
  {
    grammar,
    bias,
    isConstrained,
  }: Pick<Constraint, "isConstrained"> & {
    readonly grammar: OutputGrammar;
    readonly bias: TokenBiases;
  },
) {
  const state = new LlamaGrammarEvaluationState({ model, grammar: grammar.native });
  const free = toTokenBias(model, bias);
  const held = toTokenBias(model, bias);
  for (const token of grammar.forbiddenTokens) {
    held.set(token, "never");
  }
  return {
    grammarEvaluationState: () => (isConstrained() ? state : undefined),
    tokenBias: () => (isConstrained() ? held : free),
  };
}

function toTokenBias(model: LlamaModel, biases: TokenBiases): TokenBias {
  const tokenBias = TokenBias.for(model);
  for (const [token, logit] of biases) {
    tokenBias.set(token as Token, { logit });
  }
  return tokenBias;
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

export interface SamplingOptions {
  /** 0 always takes the likeliest token. */
  readonly temperature: number;
  /** Only the likeliest tokens that together reach this probability, 0 to 1. */
  readonly topP: number;
  /** Only this many of the likeliest tokens; 0 is all. 40 when left out, as llama.cpp's own tools do. */
  readonly topK?: number | undefined;
  /** Only tokens at least this likely, as a share of the likeliest one's probability. */
  readonly minP?: number | undefined;
  /** Any safe integer. The same seed gives the same answer; left out, each request draws its own. */
  readonly seed?: number | undefined;
  /** Taken off a token's score for each time that the answer has it; negative adds. */
  readonly frequencyPenalty?: number | undefined;
  /** Taken off a token's score once when the answer has it; negative adds. */
  readonly presencePenalty?: number | undefined;
  /** A token's score is divided by it when the answer has it; 1 changes nothing. */
  readonly repeatPenalty?: number | undefined;
  /** Added to the scores of these tokens. */
  readonly tokenBias?: TokenBiases | undefined;
  /** How many of the likeliest tokens each step tells with their probabilities; left out, it tells none. */
  readonly listedCandidates?: number | undefined;
}

type TokenBiases = ReadonlyMap<number, number>;

interface ResolvedSampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly seed: number;
  readonly penalties:
    | {
        readonly penalty: number;
        readonly frequencyPenalty: number;
        readonly presencePenalty: number;
      }
    | undefined;
  readonly tokenBias: TokenBiases;
  readonly listedCandidates: number | undefined;
}

const defaultTopK = 40;

/** llama.cpp keeps 32 bits of a seed and takes the highest value to mean "draw one yourself". */
const seedCount = 0xffff_ffff;

/**
 * Checks the values before anything native sees them: an exception inside the sampler reaches no
 * caller, it would leave the step hanging.
 *
 * @throws RangeError that names the option.
 */
export function resolveSampling(options: SamplingOptions): ResolvedSampling {
  const { temperature, topP, topK = defaultTopK, seed } = options;
  if (!(Number.isFinite(temperature) && temperature >= 0)) {
    throw outOfRange("temperature");
  }
  if (!(topP >= 0 && topP <= 1)) {
    throw outOfRange("topP");
  }
  if (!(Number.isSafeInteger(topK) && topK >= 0)) {
    throw outOfRange("topK");
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw outOfRange("seed");
  }
  const { minP = 0, tokenBias = new Map() } = options;
  if (!(minP >= 0 && minP <= 1)) {
    throw outOfRange("minP");
  }
  return {
    temperature,
    topP,
    // The native side keeps 32 bits; no vocabulary is larger.
    topK: Math.min(topK, 0x7fff_ffff),
    minP,
    seed: seed === undefined ? randomInt(seedCount) : ((seed % seedCount) + seedCount) % seedCount,
    penalties: resolvePenalties(options),
    tokenBias,
    listedCandidates: options.listedCandidates,
  };
}

function resolvePenalties(options: SamplingOptions): ResolvedSampling["penalties"] {
  const { frequencyPenalty = 0, presencePenalty = 0, repeatPenalty = 1 } = options;
  for (const [name, value] of Object.entries({ frequencyPenalty, presencePenalty })) {
    if (!Number.isFinite(value)) {
      throw outOfRange(name);
    }
  }
  if (!(Number.isFinite(repeatPenalty) && repeatPenalty > 0)) {
    throw outOfRange("repeatPenalty");
  }
  const isNeutral = frequencyPenalty === 0 && presencePenalty === 0 && repeatPenalty === 1;
  return isNeutral ? undefined : { penalty: repeatPenalty, frequencyPenalty, presencePenalty };
}

function outOfRange(option: string): RangeError {
  return new RangeError(`The sampling option ${option} is out of its range.`);
}

export interface SlotCandidate {
  /** Tokens in its cache: the last prompt and what was generated after it. */
  readonly cachedTokens: number;
  /** How many of the cached tokens were the last prompt. */
  readonly cachedPromptTokens: number;
  /** How many cached tokens the new prompt starts with. */
  readonly matchingTokens: number;
  /** Grows with every use; 0 when never used. */
  readonly lastUse: number;
}

/**
 * The free slot for a new prompt: the longest common prefix wins, the least recently used slot
 * among equals.
 *
 * A match counts only when it is worth what it destroys. All chats of a model share a few tokens
 * (the template, the system prompt); if those decided, every new conversation would overwrite the
 * slot of another one while unused slots stay empty. So a slot is a match when the new prompt
 * repeats or continues its last prompt, or keeps at least half of what the slot holds.
 */
export function chooseSlot<Candidate extends SlotCandidate>(
  candidates: readonly Candidate[],
): Candidate | undefined {
  const matches = candidates.filter(isWorthwhileMatch);
  if (matches.length === 0) {
    return leastRecentlyUsed(candidates);
  }
  const longestMatch = Math.max(...matches.map((candidate) => candidate.matchingTokens));
  return leastRecentlyUsed(matches.filter((match) => match.matchingTokens === longestMatch));
}

function isWorthwhileMatch(candidate: SlotCandidate): boolean {
  const { cachedTokens, cachedPromptTokens, matchingTokens } = candidate;
  return matchingTokens >= cachedPromptTokens || matchingTokens >= cachedTokens - matchingTokens;
}

function leastRecentlyUsed<Candidate extends SlotCandidate>(
  candidates: readonly Candidate[],
): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (oldest, candidate) =>
      oldest === undefined || candidate.lastUse < oldest.lastUse ? candidate : oldest,
    undefined,
  );
}
