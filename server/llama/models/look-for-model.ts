import { join } from "node:path";
import { defaultModel } from "./default-model.ts";
import { formatHubAddress, hubFileUrl, isHubAddress, parseHubAddress } from "./hub-address.ts";
import { ModelError } from "./model-error.ts";
import { type FileFingerprint, fileSize, requireFingerprint } from "./model-file.ts";
import { requireGguf } from "./require-gguf.ts";
import {
  defaultHubUrl,
  hubModelPath,
  type ModelOptions,
  resolveModelFile,
} from "./resolve-model.ts";

/** Where the next start would have its model from. */
export type ModelPlace =
  | { readonly kind: "disk"; readonly path: string; readonly sizeBytes: number }
  /** `sizeBytes` where it is known; `hasSubstitute`: without the network a tiny generated one is served. */
  | {
      readonly kind: "network";
      readonly source: string;
      readonly url: URL;
      readonly sizeBytes?: number;
      readonly hasSubstitute: boolean;
    }
  /** Offline, and the default one is not here. */
  | { readonly kind: "generated" };

type LookOptions = Omit<ModelOptions, "environment" | "limits">;

/**
 * Looks where `resolveModel` would, and neither fetches nor writes anything.
 * @throws ModelError for a model that was configured and cannot be used.
 */
export async function lookForModel(options: LookOptions): Promise<ModelPlace> {
  const { model, modelsDirectory, offline, hubUrl = defaultHubUrl } = options;
  if (model === undefined) {
    return await lookForDefault(options, hubUrl);
  }
  if (!isHubAddress(model)) {
    const { path, sizeBytes } = await resolveModelFile(model, {});
    return { kind: "disk", path, sizeBytes };
  }
  const address = parseHubAddress(model);
  const path = hubModelPath(modelsDirectory, address);
  const sizeBytes = await fileSize(path);
  if (sizeBytes !== undefined) {
    await requireGguf(path);
    return { kind: "disk", path, sizeBytes };
  }
  const source = formatHubAddress(address);
  if (offline) {
    throw new ModelError("model_needs_network", { address: source });
  }
  return { kind: "network", source, url: hubFileUrl(hubUrl, address), hasSubstitute: false };
}

async function lookForDefault(
  { modelsDirectory, offline, pinnedModel = defaultModel }: LookOptions,
  hubUrl: string,
): Promise<ModelPlace> {
  const { fileName, sizeBytes, hub } = pinnedModel;
  const path = join(modelsDirectory, fileName);
  if (await isWhole(path, pinnedModel)) {
    return { kind: "disk", path, sizeBytes };
  }
  const url = hubFileUrl(hubUrl, hub);
  return offline
    ? { kind: "generated" }
    : { kind: "network", source: formatHubAddress(hub), url, sizeBytes, hasSubstitute: true };
}

/** Another file of that name is fetched again. */
async function isWhole(path: string, expected: FileFingerprint): Promise<boolean> {
  try {
    await requireFingerprint(path, expected);
    return true;
  } catch (error) {
    if (error instanceof ModelError) {
      return false;
    }
    throw error;
  }
}
