import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  lexicalEmbedding,
  lexicalEmbeddingName,
  lexicalEmbeddingSha256,
} from "./lexical-embedding.ts";
import { fileSize, sha256OfFile, writeModelFile } from "./model-file.ts";
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
  const place = { step: "generated", source: tinyLlamaName } as const;
  let written: WrittenModel | undefined;
  await announceStep(report, place, "Writing a model with random weights.", async () => {
    written = await writeGenerated(modelsDirectory, tinyLlamaName, content);
    return { status: "done", detail: "DEGRADED: it answers with random words." };
  });
  return { ...required(written), degradedReason };
}

/**
 * The embedding model when none is set: it knows words, and not what they mean.
 *
 * @throws ModelError `model_directory_not_writable`
 */
export async function generateLexicalModel(
  modelsDirectory: string,
  report: ModelReport,
): Promise<ResolvedModel & { readonly sha256: string }> {
  const place = { step: "generated", source: lexicalEmbeddingName } as const;
  let written: WrittenModel | undefined;
  await announceStep(report, place, "No network is asked for it.", async () => {
    const path = join(modelsDirectory, `${lexicalEmbeddingName}.gguf`);
    const present = (await fileSize(path)) === undefined ? undefined : await sha256OfFile(path);
    written =
      present === lexicalEmbeddingSha256
        ? generated(path, lexicalEmbeddingName, (await fileSize(path)) ?? 0, present)
        : await writeGenerated(modelsDirectory, lexicalEmbeddingName, lexicalEmbedding());
    return { status: "done", detail: "LEXICAL: it knows words, and not what they mean." };
  });
  const degradedReason = "MINISERVE_EMBEDDING_MODEL is not set.";
  return { ...required(written), degradedReason };
}

interface WrittenModel {
  readonly path: string;
  readonly name: string;
  readonly source: "generated";
  readonly degraded: true;
  readonly sizeBytes: number;
  readonly sha256: string;
}

async function writeGenerated(
  modelsDirectory: string,
  name: string,
  content: Buffer,
): Promise<WrittenModel> {
  const path = join(modelsDirectory, `${name}.gguf`);
  const sha256 = createHash("sha256").update(content).digest("hex");
  // Left alone when it is there, for another server may have it mapped, or the folder be read-only.
  const isThere =
    (await fileSize(path)) === content.length && (await sha256OfFile(path)) === sha256;
  if (!isThere) {
    await writeModelFile(path, content);
  }
  return generated(path, name, content.length, sha256);
}

function generated(path: string, name: string, sizeBytes: number, sha256: string): WrittenModel {
  return { path, name, source: "generated", degraded: true, sizeBytes, sha256 };
}

function required(written: WrittenModel | undefined): WrittenModel {
  if (written === undefined) {
    throw new Error("A generated model was announced and not written.");
  }
  return written;
}
