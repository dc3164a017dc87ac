import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileSize, sha256OfFile, writeModelFile } from "./model-file.ts";
import { announceStep, type ModelReport } from "./model-report.ts";
import type { ResolvedModel } from "./resolved-model.ts";
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
  const path = join(modelsDirectory, `${tinyLlamaName}.gguf`);
  const content = tinyLlama();
  const sha256 = createHash("sha256").update(content).digest("hex");
  const place = { step: "generated", source: tinyLlamaName } as const;
  await announceStep(report, place, "Writing a model with random weights.", async () => {
    // Left alone when it is there, for another server may have it mapped, or the folder be read-only.
    const isThere =
      (await fileSize(path)) === content.length && (await sha256OfFile(path)) === sha256;
    if (!isThere) await writeModelFile(path, content);
    return { status: "done", detail: "DEGRADED: it answers with random words." };
  });
  return {
    path,
    name: tinyLlamaName,
    source: "generated",
    degraded: true,
    degradedReason,
    sizeBytes: content.length,
    sha256,
  };
}
