import { join } from "node:path";
import { resolveEmbeddingModel } from "../resolve-model.ts";

/** Where the server keeps them by default, so that tests and servers fetch the model once. */
export const modelsDirectory = join(import.meta.dirname, "../../../../models");

/**
 * The real embedding model.
 * @throws Error that says why it cannot be had.
 */
export async function findDefaultEmbedding(): Promise<string> {
  const { path, degradedReason } = await resolveEmbeddingModel({
    modelsDirectory,
    offline: process.env.MINISERVE_OFFLINE === "1",
    environment: process.env,
  });
  if (degradedReason !== undefined) {
    throw new Error(degradedReason);
  }
  return path;
}
