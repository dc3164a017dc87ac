import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  lexicalEmbedding,
  lexicalEmbeddingName,
  lexicalEmbeddingSha256,
} from "./lexical-embedding.ts";
import { computeFileSha256, fileSize, writeModelFile } from "./model-file.ts";
import { announceStep, type ModelReport, type ResolvedModel } from "./model-report.ts";
import { tinyLlama, tinyLlamaName } from "./tiny-llama.ts";

/**
 * The last resort: a model that we write ourselves, so that the server and all around it can be
 * tried without any network.
 *
 * @throws ModelError `model_directory_not_writable`
 */
export async function generateTinyModel(
  modelsDirectory: string,
  degradedReason: string,
  report: ModelReport,
): Promise<ResolvedModel> {
  const content = tinyLlama();
  const sha256 = createHash("sha256").update(content).digest("hex");
  const place = { step: "generated", source: tinyLlamaName } as const;
  const { written } = await announceStep(
    report,
    place,
    "Writing a model with random weights.",
    async () => ({
      status: "done",
      detail: "DEGRADED: it answers with random words.",
      written: await writeGenerated(modelsDirectory, tinyLlamaName, sha256, () => content),
    }),
  );
  return { ...written, degradedReason };
}

/**
 * The last resort for vectors: a model that knows words, and not what they mean.
 *
 * @throws ModelError `model_directory_not_writable`
 */
export async function generateLexicalModel(
  modelsDirectory: string,
  degradedReason: string,
  report: ModelReport,
): Promise<ResolvedModel & { readonly sha256: string }> {
  const place = { step: "generated", source: lexicalEmbeddingName } as const;
  const { written } = await announceStep(
    report,
    place,
    "Writing a model that knows words only.",
    async () => ({
      status: "done",
      detail: "DEGRADED: it knows words, and not what they mean.",
      written: await writeGenerated(
        modelsDirectory,
        lexicalEmbeddingName,
        lexicalEmbeddingSha256,
        lexicalEmbedding,
      ),
    }),
  );
  return { ...written, degradedReason };
}

/** @param sha256 of the content, which is only asked for when there is no file that has it */
async function writeGenerated(
  modelsDirectory: string,
  name: string,
  sha256: string,
  content: () => Buffer,
) {
  const path = join(modelsDirectory, `${name}.gguf`);
  // Left alone when it is there, for another server may have it mapped, or the folder be read-only.
  const isThere =
    (await fileSize(path)) !== undefined && (await computeFileSha256(path)) === sha256;
  if (!isThere) {
    await writeModelFile(path, content());
  }
  return {
    path,
    name,
    source: "generated",
    degraded: true,
    sizeBytes: (await fileSize(path)) ?? 0,
    sha256: isThere ? sha256 : await computeFileSha256(path),
  } as const;
}
