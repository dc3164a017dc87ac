/** Vectors and scores by llama.cpp, for retrieval. */
export { type Embedder, loadEmbedder } from "./embedder.ts";
export { EmbeddingFailed } from "./embedding-failed.ts";
export { loadRanker, type Ranker } from "./ranker.ts";
