import { resolve } from "node:path";
import { CodedError } from "#errors";
import {
  lookForModel,
  type ModelPlace,
  readConfiguration,
  startFaults,
} from "../../../server/index.ts";
import { checkout } from "../../../stack/index.ts";
import { type Check, fine, type Seen, skipped } from "../check.ts";
import { Finding } from "../finding.ts";
import { formatBytes } from "../sizes.ts";

const answerLimitMs = 4_000;

/** Before the server runs: whether it will have its models. */
export const modelCheck: Check = {
  name: "Model",
  why: "The server starts with the model, or not at all; only the default one has a substitute.",
  look: async () => {
    const read = readConfiguration();
    if (!("configuration" in read)) {
      return skipped("the settings are invalid.");
    }
    const { configuration } = read;
    const folder = resolve(checkout, configuration.MINISERVE_MODELS_DIRECTORY);
    const chosen = [
      configuration.MINISERVE_EMBEDDING_MODEL,
      configuration.MINISERVE_RERANK_MODEL,
    ].filter((model) => model !== "");
    const models = [configuration.MINISERVE_MODEL || undefined, ...chosen];
    return await Promise.all(
      models.map((model) => lookFor(model, folder, configuration.MINISERVE_OFFLINE)),
    );
  },
};

async function lookFor(
  model: string | undefined,
  modelsDirectory: string,
  offline: boolean,
): Promise<Seen> {
  try {
    return await judge(await lookForModel({ model, modelsDirectory, offline }));
  } catch (error) {
    if (error instanceof CodedError) {
      return error;
    }
    throw error;
  }
}

async function judge(place: ModelPlace): Promise<Seen> {
  switch (place.kind) {
    case "disk":
      return fine(`${place.path}, ${formatBytes(place.sizeBytes)}, is whole.`);
    case "generated":
      return new Finding("model_generated");
    case "network": {
      const reason = await whyUnreachable(place.url);
      const { source, sizeBytes } = place;
      const size = sizeBytes === undefined ? "" : `, ${formatBytes(sizeBytes)}`;
      if (reason === undefined) {
        return fine(`not on disk; the first start fetches ${source}${size}.`);
      }
      const message = `The model is not on disk, and ${source} cannot be reached (${reason}).`;
      return place.hasSubstitute
        ? new Finding("model_out_of_reach", { source, reason })
        : new CodedError("model_download_failed", startFaults.model_download_failed, { message });
    }
    default:
      return place satisfies never;
  }
}

async function whyUnreachable(url: URL): Promise<string | undefined> {
  try {
    const { status } = await fetch(url, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(answerLimitMs),
    });
    return status < 400 ? undefined : `it answered ${status}`;
  } catch (error) {
    const { cause, name } = error as Error & { cause?: { code?: string } };
    return cause?.code ?? name;
  }
}
