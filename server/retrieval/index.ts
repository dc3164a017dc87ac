/** Retrieval: named indexes of passages on disk, and the search in them. */
export { type BuildProgress, type BuildResult, buildIndex } from "./build-index.ts";
export {
  type DocumentFile,
  findDocuments,
  type LeftOut,
  type LeftOutCode,
  maxDocumentBytes,
} from "./document-files.ts";
export { IndexCatalogue, type UsableIndex } from "./index-catalogue.ts";
export { isIndexName } from "./index-folder.ts";
export { ProjectIndex, projectIndexName } from "./project-index.ts";
export { checkRetrieval, computeRates } from "./retrieval-check.ts";
export { RetrievalError } from "./retrieval-error.ts";
export { type FoundPassage, Retriever } from "./retriever.ts";
