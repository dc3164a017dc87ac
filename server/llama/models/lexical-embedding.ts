import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BertSpecialTokens, bertMetadata } from "./bert-metadata.ts";
import {
  encodeGguf,
  type GgufTensor,
  ones,
  type RandomWeights,
  randomWeights,
  tokenKinds,
  wordStart,
} from "./gguf-writer.ts";

/** The public name of the generated embedding model, also in its metadata. */
export const lexicalEmbeddingName = "lexical-embedding";

/** Of its bytes: a file that has it need not be made again. */
export const lexicalEmbeddingSha256 =
  "0f09fe5b4cc7d8ab88ce6f99b7d4095392d29fbc4341433ab6d6fea9983e81f1";

const embeddingLength = 256;
/** The last two dimensions keep every token's vector at the same length, and are blanked in the end. */
const meaningLength = embeddingLength - 2;
const contextLength = 512;

/**
 * The bytes of an embedding model that knows words and not what they mean (14 MB): texts are
 * near each other when they share words, in whatever form, and rare words count more. It is a random
 * projection of word counts, put into the shape of a BERT model. The bytes are always the same.
 */
export function lexicalEmbedding(): Buffer {
  const pieces = lexicalVocabulary();
  const tokenVectors = new Float32Array(pieces.length * embeddingLength);
  pieces.forEach((piece, index) => {
    tokenVectors.set(computeVector(piece), index * embeddingLength);
  });
  return encodeBert({
    name: lexicalEmbeddingName,
    tokens: pieces.map(({ token }) => token),
    tokenKinds: pieces.map(({ kind }) => kind),
    special: specialTokens,
    contextLength,
    embeddingLength,
    tokenVectors,
    outputScale: Float32Array.from({ length: embeddingLength }, (_, index) =>
      index < meaningLength ? 1 : 0,
    ),
    random: randomWeights(1),
  });
}

/**
 * A random sign in each dimension, times the weight. BERT's norms would bring every vector to mean 0
 * and deviation 1, and so undo the weight; the last two dimensions take up what is missing to both,
 * and the norms then change nothing.
 */
function computeVector({ meaning, weight }: LexicalPiece): Float32Array {
  const vector = new Float32Array(embeddingLength);
  // Below 1, so that something is always left for the last two.
  const size = weight * 0.95;
  let bits = hashWord(meaning) || 1;
  let sum = 0;
  for (let index = 0; index < meaningLength; index++) {
    // Xorshift: one step gives 32 signs.
    if (index % 32 === 0) {
      bits ^= bits << 13;
      bits ^= bits >>> 17;
      bits ^= bits << 5;
    }
    const signed = (bits >>> (index % 32)) & 1 ? -size : size;
    vector[index] = signed;
    sum += signed;
  }
  const left = embeddingLength - meaningLength * size ** 2;
  const spread = Math.sqrt(Math.max(left / 2 - sum ** 2 / 4, 0));
  vector[meaningLength] = -sum / 2 + spread;
  vector[meaningLength + 1] = -sum / 2 - spread;
  return vector;
}

/** FNV-1a, in 32 bits. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(word)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

interface LexicalPiece {
  readonly token: string;
  readonly kind: number;
  /** Pieces with the same meaning get the same vector. */
  readonly meaning: string;
  /** From 0 to 1: how much the piece says about what a text is about. */
  readonly weight: number;
}

/** The special tokens come first, in this order. */
export const specialTokens = {
  padding: 0,
  unknown: 1,
  beginning: 2,
  separator: 3,
  mask: 4,
} as const;

/** Words that say nothing about what a text is about. */
const emptyWords = new Set(
  `a about after all also am an and any are as at be been being but by can could did do does for from
  get gets give given had has have he her here his how i if in into is it its just like make makes may
  me might more most much my no nor not of on one only or other our out over own say says she should
  so some such than that the their them then there these they thing this those to too under up us use
  used uses very want was way we were what when where which while who whom why will with within would
  you your`.split(/\s+/),
);

/** Endings that change a word's form and not its meaning. */
const endings = ["s", "es", "d", "ed", "er", "ers", "r", "rs", "ing", "ings", "ly", "ion", "ions"];

/** So many of the most frequent words are also known inside of others, as in "tracestate". */
const maxInnerWords = 3000;

/** From the most frequent to the rarest, as the tokenizer of SmolLM2 (Apache-2.0) ranks them. */
function readWords(): string[] {
  return readFileSync(join(import.meta.dirname, "lexical-words.txt"), "utf8")
    .trim()
    .split(/\s+/);
}

/**
 * Of BERT's WordPiece kind: a text is split at blanks and signs, and each word greedily into the
 * longest pieces that are there. Which meaning a piece has, and how much it weighs, is decided here;
 * the model only adds it up.
 */
export function lexicalVocabulary(): LexicalPiece[] {
  const pieces = new Map<string, LexicalPiece>();
  const add = (
    token: string,
    meaning: string,
    weight: number,
    kind: number = tokenKinds.normal,
  ) => {
    if (!pieces.has(token)) {
      pieces.set(token, { token, kind, meaning, weight });
    }
  };
  for (const name of ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]) {
    add(name, name, 0, name === "[UNK]" ? tokenKinds.unknown : tokenKinds.control);
  }
  const words = readWords();
  for (const word of emptyWords) {
    add(wordStart + word, word, 0);
  }
  words.forEach((word, rank) => {
    const stem = stemWord(word);
    add(wordStart + word, stem, computeWeight(rank, words.length));
    // "caching" is no word of the list, but what it begins with is one without its last letter.
    if (/[^aeiou][ey]$/.test(word) && word.length > 4) {
      add(wordStart + stem, stem, computeWeight(rank, words.length));
    }
  });
  for (const ending of endings) {
    add(ending, ending, 0);
  }
  words.forEach((word, rank) => {
    if (word.length > 3 && rank < maxInnerWords) {
      add(word, stemWord(word), computeWeight(rank, words.length));
    }
  });
  for (const [fragment, weight] of fragments()) {
    add(wordStart + fragment, `${wordStart}${fragment}`, weight);
    add(fragment, fragment, weight);
  }
  return [...pieces.values()];
}

/** A word that is in every text tells texts apart badly. Rounded: logarithms differ in the last bit. */
function computeWeight(rank: number, count: number): number {
  const share = Math.log(1 + rank / 30) / Math.log(1 + count / 30);
  return Math.round((0.1 + 0.9 * share) * 100) / 100;
}

/** By the stems of words: how much each says about what a text is about, from 0 to 1. */
export function computeWordWeights(): Map<string, number> {
  const words = readWords();
  const weights = new Map(Array.from(emptyWords, (word) => [stemWord(word), 0]));
  words.forEach((word, rank) => {
    const stem = stemWord(word);
    if (!weights.has(stem)) {
      weights.set(stem, computeWeight(rank, words.length));
    }
  });
  return weights;
}

/** What words that are not in the list are made of, and numbers. Signs say nothing. */
function fragments(): [fragment: string, weight: number][] {
  const letters = Array.from("abcdefghijklmnopqrstuvwxyz");
  const digits = Array.from("0123456789");
  const signs = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter(
    (sign) => !/[A-Za-z0-9]/.test(sign),
  );
  const pairs = (from: string[]) => from.flatMap((first) => from.map((second) => first + second));
  return [
    ...pairs(letters).map((pair) => [pair, 0.6] as [string, number]),
    ...pairs(digits).map((pair) => [pair, 0.8] as [string, number]),
    ...letters.map((letter) => [letter, 0.2] as [string, number]),
    ...digits.map((digit) => [digit, 0.4] as [string, number]),
    ...signs.map((sign) => [sign, 0] as [string, number]),
  ];
}

/**
 * The common beginning of an English word's forms, so that they count as one: "retries", "retried"
 * and "retry" become "retri". It is not always a word, and errs where English does.
 */
export function stemWord(word: string): string {
  const singular = withoutPlural(word);
  const base = withoutEnding(singular);
  return base.length > 3 ? base.replace(/(?<=[^aeiou])e$/, "").replace(/y$/, "i") : base;
}

function withoutPlural(word: string): string {
  if (word.length < 4 || /(ss|us|is)$/.test(word)) {
    return word;
  }
  if (/ies$/.test(word)) {
    return `${word.slice(0, -3)}y`;
  }
  if (/(s|x|z|ch|sh)es$/.test(word)) {
    return word.slice(0, -2);
  }
  return word.replace(/s$/, "");
}

function withoutEnding(word: string): string {
  const match = /^(.*[aeiouy].*?)(ing|ed)$/.exec(word);
  const [, rest = ""] = match ?? [];
  if (rest.length < 3 || /eed$/.test(word)) {
    return word;
  }
  if (/ied$/.test(word)) {
    return `${word.slice(0, -3)}y`;
  }
  // "stopped" is "stop", and "called" is "call".
  return /([bdgmnprt])\1$/.test(rest) ? rest.slice(0, -1) : rest;
}

export interface BertModel {
  readonly name: string;
  readonly tokens: readonly string[];
  readonly tokenKinds: readonly number[];
  readonly special: BertSpecialTokens;
  readonly contextLength: number;
  readonly embeddingLength: number;
  /** A row for each token. */
  readonly tokenVectors: Float32Array;
  /** What the last norm multiplies each dimension by. */
  readonly outputScale: Float32Array;
  /** For weights that only must be there. */
  readonly random: RandomWeights;
  /** With it the model ranks: it gives one score for a question and a text. */
  readonly classifier?: { readonly weights: Float32Array };
}

const headWidth = 32;
const feedForwardLength = 32;

/**
 * The bytes of a BERT model of one layer whose attention and feed-forward parts add nothing, so that
 * the vector of a text is the mean of its tokens' vectors. Only where it ranks, attention counts: the
 * score is made of the first token, which learns of the others through it.
 */
export function encodeBert(model: BertModel): Buffer {
  const { name, special, contextLength, embeddingLength, classifier } = model;
  return encodeGguf({
    metadata: bertMetadata({
      name,
      fileType: "float32",
      contextLength,
      embeddingLength,
      blockCount: 1,
      feedForwardLength,
      headCount: embeddingLength / headWidth,
      pooling: classifier === undefined ? "mean" : "rank",
      tokens: model.tokens,
      tokenKinds: model.tokenKinds,
      special,
    }),
    tensors: tensors(model),
  });
}

function tensors(model: BertModel): GgufTensor[] {
  const { embeddingLength: width, contextLength, random, classifier } = model;
  const row = (name: string, data: Float32Array): GgufTensor => ({
    name,
    shape: [data.length],
    data,
  });
  const zeros = (name: string, length = width): GgufTensor => row(name, new Float32Array(length));
  const matrix = (
    name: string,
    inputs: number,
    outputs: number,
    deviation: number,
  ): GgufTensor => ({
    name,
    shape: [inputs, outputs],
    data:
      deviation === 0
        ? new Float32Array(inputs * outputs)
        : random.values(inputs * outputs, deviation),
  });
  const deviation = 1 / Math.sqrt(width);
  const block = "blk.0";
  const projections = ["q", "k", "v"].flatMap((part) => [
    matrix(`${block}.attn_${part}.weight`, width, width, deviation),
    zeros(`${block}.attn_${part}.bias`),
  ]);
  return [
    {
      name: "token_embd.weight",
      shape: [width, model.tokens.length],
      data: model.tokenVectors,
    },
    matrix("position_embd.weight", width, contextLength, 0),
    matrix("token_types.weight", width, 2, 0),
    row("token_embd_norm.weight", ones(width)),
    zeros("token_embd_norm.bias"),
    ...projections,
    matrix(`${block}.attn_output.weight`, width, width, classifier === undefined ? 0 : deviation),
    zeros(`${block}.attn_output.bias`),
    row(`${block}.attn_output_norm.weight`, ones(width)),
    zeros(`${block}.attn_output_norm.bias`),
    matrix(`${block}.ffn_up.weight`, width, feedForwardLength, deviation),
    zeros(`${block}.ffn_up.bias`, feedForwardLength),
    matrix(`${block}.ffn_down.weight`, feedForwardLength, width, 0),
    zeros(`${block}.ffn_down.bias`),
    row(`${block}.layer_output_norm.weight`, model.outputScale),
    zeros(`${block}.layer_output_norm.bias`),
    ...(classifier === undefined
      ? []
      : [
          matrix("cls.weight", width, width, deviation),
          zeros("cls.bias"),
          { name: "cls.output.weight", shape: [width, 1], data: classifier.weights },
          zeros("cls.output.bias", 1),
        ]),
  ];
}
