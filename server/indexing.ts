import type { Configuration } from "./config.ts";
import { type Embedder, loadEmbedder, loadRanker, type Ranker } from "./llama/embedding/index.ts";
import { openNativeBackend } from "./llama/engine/index.ts";
import {
  type ModelReport,
  resolveEmbeddingModel,
  resolveRankingModel,
} from "./llama/models/index.ts";
import { retrievalModelOptions } from "./start-retrieval.ts";

/** The models that make and search indexes, without a server around them. */
export interface IndexingModels {
  readonly embedder: Embedder;
  readonly ranker: Ranker | undefined;
  close(): Promise<void>;
}

/** @throws ModelError, EngineError, or the report's signal's reason. */
export async function loadIndexingModels(
  configuration: Configuration,
  report: ModelReport,
): Promise<IndexingModels> {
  const options = retrievalModelOptions(configuration);
  const embedding = await resolveEmbeddingModel(
    { ...options, model: options.embeddingModel },
    report,
  );
  const ranking = await resolveRankingModel({ ...options, model: options.rerankModel }, report);
  const gpu = configuration.MINISERVE_GPU;
  const backend = await openNativeBackend({
    threads: configuration.MINISERVE_THREADS,
    gpu: gpu === "off" ? false : gpu,
  });
  try {
    const embedder = await loadEmbedder(backend, embedding);
    const ranker = ranking === undefined ? undefined : await loadRanker(backend, ranking);
    return {
      embedder,
      ranker,
      async close() {
        await ranker?.close();
        await embedder.close();
        await backend.llama.dispose();
      },
    };
  } catch (error) {
    await backend.llama.dispose();
    throw error;
  }
}
