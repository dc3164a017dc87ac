import { randomWeights } from "../../models/gguf-writer.ts";
import {
  type BertModel,
  encodeBert,
  lexicalVocabulary,
  specialTokens,
} from "../../models/lexical-embedding.ts";

const embeddingLength = 64;

/** A model that ranks, the same way each time, without any sense in it. */
export function tinyRanker(): Buffer {
  const random = randomWeights(5);
  const parts = tinyParts("tiny-ranker", random);
  return encodeBert({ ...parts, classifier: { weights: random.values(embeddingLength, 1) } });
}

/** A model that makes vectors: texts are near each other when they share words, all alike. */
export function tinyEmbedding(): Buffer {
  return encodeBert(tinyParts("tiny-embedding", randomWeights(6)));
}

function tinyParts(name: string, random: BertModel["random"]): BertModel {
  const pieces = lexicalVocabulary();
  return {
    name,
    tokens: pieces.map(({ token }) => token),
    tokenKinds: pieces.map(({ kind }) => kind),
    special: specialTokens,
    contextLength: 128,
    embeddingLength,
    tokenVectors: random.values(pieces.length * embeddingLength, 1),
    outputScale: new Float32Array(embeddingLength).fill(1),
    random,
  };
}
