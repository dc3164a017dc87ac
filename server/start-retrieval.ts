import { logEvents } from "#miniserve";
import type { Configuration } from "./config.ts";
import { loadEmbedder, loadRanker } from "./llama/embedding/index.ts";
import type { NativeBackend } from "./llama/engine/index.ts";
import {
  type ModelReport,
  resolveEmbeddingModel,
  resolveRankingModel,
} from "./llama/models/index.ts";
import type { Log } from "./logging/index.ts";
import {
  type BuildResult,
  IndexCatalogue,
  ProjectIndex,
  projectIndexName,
  Retriever,
} from "./retrieval/index.ts";

export interface Retrieval {
  readonly retriever: Retriever;
  /** Brings the index of the project's own documentation up to date, in the background. */
  startProjectIndex(): void;
}

/**
 * Finds and loads what retrieval needs, on the engine's own threads.
 * @throws ModelError, or the signal's reason.
 */
export async function startRetrieval(
  configuration: Configuration,
  backend: NativeBackend,
  log: Log,
  signal: AbortSignal,
): Promise<Retrieval> {
  const report: ModelReport = {
    signal,
    onStep: ({ source, status, detail }) => {
      log(logEvents.modelPreparing, { modelSource: source, reason: `${status}: ${detail}` });
    },
  };
  const options = retrievalModelOptions(configuration);
  const embedding = await resolveEmbeddingModel(
    { ...options, model: options.embeddingModel },
    report,
  );
  const embedder = await loadEmbedder(backend, embedding);
  log(logEvents.embeddingLoaded, {
    model: embedding.name,
    modelSource: embedding.source,
    modelSizeBytes: embedding.sizeBytes,
    degraded: embedding.degraded,
  });
  if (embedding.degraded) {
    log(logEvents.modelDegraded, {
      model: embedding.name,
      reason: embedding.degradedReason ?? "No source had the model.",
      action: "Give the server a network, or set MINISERVE_EMBEDDING_MODEL to a GGUF file.",
    });
  }
  const ranking = await resolveRankingModel({ ...options, model: options.rerankModel }, report);
  const ranker = ranking === undefined ? undefined : await loadRanker(backend, ranking);
  const catalogue = new IndexCatalogue(configuration.MINISERVE_INDEXES_DIRECTORY);
  const project = configuration.MINISERVE_INDEX_DOCS
    ? new ProjectIndex({ catalogue, embedder, onEnd: (end) => logResult(log, end) })
    : undefined;
  return {
    retriever: new Retriever({ catalogue, embedder, ranker, project }),
    startProjectIndex: () => project?.start(),
  };
}

/** What the search for the models of retrieval needs of the configuration. */
export function retrievalModelOptions(configuration: Configuration) {
  return {
    embeddingModel: configuration.MINISERVE_EMBEDDING_MODEL || undefined,
    rerankModel: configuration.MINISERVE_RERANK_MODEL || undefined,
    modelsDirectory: configuration.MINISERVE_MODELS_DIRECTORY,
    offline: configuration.MINISERVE_OFFLINE,
    environment: configuration.environment,
  };
}

function logResult(log: Log, end: BuildResult | { readonly error: unknown }): void {
  const indexName = projectIndexName;
  if ("error" in end) {
    log(logEvents.indexUnavailable, {
      indexName,
      reason: "It could not be built; requests that ask for it are refused.",
      action: "Let the server write in MINISERVE_INDEXES_DIRECTORY, or set MINISERVE_INDEX_DOCS=0.",
    });
    return;
  }
  const { documents, passages, documentsKept, leftOut = [] } = end;
  const missing = leftOut.length === 0 ? "" : ` ${leftOut.length} could not be read.`;
  const reason = `${documents} documents, ${passages} passages; ${documentsKept} documents kept.${missing}`;
  log(logEvents.indexPrepared, { indexName, reason });
}
