import { encodeBert } from "../../models/bert-model.ts";
import { lexicalVocabulary, specialTokens } from "../../models/lexical-vocabulary.ts";
import { randomWeights } from "../../models/random-weights.ts";

/** A model that ranks, the same way each time, without any sense in it. */
export function tinyRanker(): Buffer {
  const pieces = lexicalVocabulary();
  const embeddingLength = 64;
  const random = randomWeights(5);
  return encodeBert({
    name: "tiny-ranker",
    tokens: pieces.map(({ token }) => token),
    tokenKinds: pieces.map(({ kind }) => kind),
    special: specialTokens,
    contextLength: 128,
    embeddingLength,
    tokenVectors: random.values(pieces.length * embeddingLength, 1),
    outputScale: new Float32Array(embeddingLength).fill(1),
    random,
    classifier: { weights: random.values(embeddingLength, 1) },
  });
}
