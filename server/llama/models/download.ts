import { setTimeout as sleep } from "node:timers/promises";
import { ModelError } from "./model-error.ts";
import { fileSize } from "./model-file.ts";
import { claimPartialFile, type PartialFile } from "./partial-file.ts";
import { receiveFile, type Transfer } from "./receive-file.ts";

const mostAttempts = 10;

export interface Download extends Transfer {
  readonly destination: string;
  /** Names the content in hexadecimal, so that a part of another content is never continued. */
  readonly identity: string;
  /** Throws when the file at the path is not the one wanted. */
  readonly verify: (path: string) => Promise<void>;
}

/**
 * Brings a file to its destination over HTTP. Interrupted transfers go on where they ended, here
 * and in a later process; the destination appears only when the whole file has been verified.
 *
 * @throws ModelError of `receiveFile` or of `verify`
 */
export async function downloadFile(download: Download): Promise<void> {
  const part = await claimPartialFile(download.destination, download.identity);
  try {
    const resumed = ((await fileSize(part.path)) ?? 0) > 0;
    await receivePersistently(part, download);
    try {
      await download.verify(part.path);
    } catch (error) {
      if (!resumed || !isUnusable(error)) throw error;
      // What was left by the earlier attempt may be what is wrong: once more, from the first byte.
      await part.discard();
      await receivePersistently(part, download);
      await download.verify(part.path);
    }
    await part.commit();
  } catch (error) {
    await (isUnusable(error) ? part.discard() : part.release());
    throw error;
  }
}

const unusableCodes = ["model_checksum_mismatch", "model_not_gguf", "model_damaged"];

const isUnusable = (error: unknown): boolean =>
  error instanceof ModelError && unusableCodes.includes(error.code);

/** Takes an interrupted transfer up again as long as each attempt changes something. */
async function receivePersistently(part: PartialFile, transfer: Transfer): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const before = (await fileSize(part.path)) ?? 0;
    try {
      return await receiveFile(part.path, transfer);
    } catch (error) {
      const after = (await fileSize(part.path)) ?? 0;
      const canContinue = error instanceof ModelError && error.code === "model_download_failed";
      if (!canContinue || after === before || attempt === mostAttempts) throw error;
      await sleep(transfer.limits.pauseMs, undefined, { signal: transfer.signal });
    }
  }
}
