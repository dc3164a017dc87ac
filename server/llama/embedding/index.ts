/** Vectors and scores by llama.cpp, for retrieval. */
export { type Embedder, loadEmbedder } from "./embedder.ts";
export { EmbeddingFailed } from "./encoder.ts";
export { loadRanker, type Ranker } from "./ranker.ts";
