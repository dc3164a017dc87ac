import { join, resolve } from "node:path";
import { formatHubAddress, parseHubAddress } from "./hub-address.ts";
import { downloadHubFile, type Hub } from "./hub-source.ts";
import { ModelError } from "./model-error.ts";
import { fileSize } from "./model-file.ts";
import { modelNameOf } from "./model-name.ts";
import { announceStep, type ModelReport } from "./model-report.ts";
import { requireGguf } from "./require-gguf.ts";
import type { ResolvedModel } from "./resolved-model.ts";

/**
 * The model file at a path of the operator's.
 *
 * @throws ModelError `model_not_found`, `model_not_gguf`, `model_damaged` or `model_address_invalid`
 */
export async function resolveModelFile(model: string, report: ModelReport): Promise<ResolvedModel> {
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
  if (sizeBytes !== undefined) return sizeBytes;
  throw new ModelError("model_not_found", {
    seen: `There is no file at ${path}.`,
    remedy: "Correct the path, or leave the model unset for the default one.",
  });
}

export interface HubModelRequest {
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
export async function resolveHubModel(
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
    if (sizeBytes === undefined) return { status: "skipped", detail: "Not there." };
    await requireGguf(path);
    return { status: "done", detail: `${sizeBytes} bytes, verified when it was fetched.` };
  });
  if (sizeBytes !== undefined) return { ...found, source: "cache", sizeBytes };

  const place = { step: "hub", source: formatHubAddress(address) } as const;
  let sha256: string | undefined;
  await announceStep(report, place, "Downloading.", async () => {
    if (offline) throw needsNetwork(place.source);
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
