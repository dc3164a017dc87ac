import { encodeBert } from "./bert-model.ts";
import { type LexicalPiece, lexicalVocabulary, specialTokens } from "./lexical-vocabulary.ts";
import { randomWeights } from "./random-weights.ts";

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
    tokenVectors.set(vectorOf(piece), index * embeddingLength);
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
function vectorOf({ meaning, weight }: LexicalPiece): Float32Array {
  const vector = new Float32Array(embeddingLength);
  // Below 1, so that something is always left for the last two.
  const size = weight * 0.95;
  let bits = hashOf(meaning) || 1;
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
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(word)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}
