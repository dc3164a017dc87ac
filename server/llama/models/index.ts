export { defaultEmbedding } from "./default-embedding.ts";
export { defaultModel } from "./default-model.ts";
export { computeWordWeights, lexicalEmbeddingName, stemWord } from "./lexical-embedding.ts";
export { lookForModel, type ModelPlace } from "./look-for-model.ts";
export { ModelError } from "./model-error.ts";
export { isAbandoned, ownerTag } from "./model-file.ts";
export { type ModelReport, type ResolvedModel, terminalReport } from "./model-report.ts";
export {
  defaultHubUrl,
  resolveEmbeddingModel,
  resolveModel,
  resolveRankingModel,
} from "./resolve-model.ts";
