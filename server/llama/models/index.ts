export { lexicalEmbeddingName } from "./lexical-embedding.ts";
export { ModelError } from "./model-error.ts";
export { isAbandoned, ownerTag } from "./model-file.ts";
export { type ModelReport, type ResolvedModel, terminalReport } from "./model-report.ts";
export { resolveModel } from "./resolve-model.ts";
export { resolveEmbeddingModel, resolveRankingModel } from "./retrieval-models.ts";
