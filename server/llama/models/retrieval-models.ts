import { generateLexicalModel } from "./generated-source.ts";
import { sha256OfFile } from "./model-file.ts";
import type { ModelReport, ResolvedModel } from "./model-report.ts";
import { type ModelOptions, resolveModel } from "./resolve-model.ts";

/** A model by which vectors are made: they are only comparable to others of the very same file. */
export interface ResolvedEmbeddingModel extends ResolvedModel {
  readonly sha256: string;
}

/**
 * The embedding model: the one that was configured, or the generated one. Nothing is fetched that was
 * not asked for.
 *
 * @throws ModelError, or the signal's reason
 */
export async function resolveEmbeddingModel(
  options: ModelOptions,
  report: ModelReport = {},
): Promise<ResolvedEmbeddingModel> {
  if (options.model === undefined) {
    return await generateLexicalModel(options.modelsDirectory, report);
  }
  const found = await resolveModel(options, report);
  return { ...found, sha256: await sha256OfFile(found.path, report.signal) };
}

/**
 * The ranking model, where one was configured.
 *
 * @throws ModelError, or the signal's reason
 */
export async function resolveRankingModel(
  options: ModelOptions,
  report: ModelReport = {},
): Promise<ResolvedModel | undefined> {
  return options.model === undefined ? undefined : await resolveModel(options, report);
}
