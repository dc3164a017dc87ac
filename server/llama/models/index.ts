export { lexicalEmbeddingName } from "./lexical-embedding.ts";
export { ModelError } from "./model-error.ts";
export type { ModelReport } from "./model-report.ts";
export { isAbandoned, ownerTag } from "./ownership.ts";
export { resolveModel } from "./resolve-model.ts";
export type { ResolvedModel } from "./resolved-model.ts";
export { resolveEmbeddingModel, resolveRankingModel } from "./retrieval-models.ts";
export { terminalReport } from "./terminal-report.ts";
