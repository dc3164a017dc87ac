/** The server as scripts use it: its settings, and how indexes are made and checked. */
export { type Configuration, readConfiguration } from "./config.ts";
export { errorTable } from "./http/errors.ts";
export { type IndexingModels, loadIndexingModels } from "./indexing.ts";
export {
  defaultEmbedding,
  defaultHubUrl,
  defaultModel,
  lookForModel,
  type ModelPlace,
  terminalReport,
} from "./llama/models/index.ts";
export {
  type BuildProgress,
  type BuildResult,
  buildIndex,
  checkRetrieval,
  computeRates,
  type DocumentFile,
  findDocuments,
  IndexCatalogue,
  isIndexName,
  type LeftOut,
  type LeftOutCode,
  maxDocumentBytes,
  RetrievalError,
} from "./retrieval/index.ts";
export { startFaults } from "./start-fault.ts";
export { unsupportedVariables } from "./tracing/index.ts";
