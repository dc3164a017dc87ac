import { open, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { ModelError, systemErrorCode } from "./model-error.ts";
import { fileSize, notWritable } from "./model-file.ts";

export interface DownloadLimits {
  /** From the request to the answer's first byte, connecting included. */
  readonly firstByteMs: number;
  /** Between two pieces of the content. */
  readonly silenceMs: number;
  /** Before an interrupted transfer is taken up again. */
  readonly pauseMs: number;
}

export const downloadLimits: DownloadLimits = {
  firstByteMs: 10_000,
  silenceMs: 30_000,
  pauseMs: 1_000,
};

const storageCodes = new Set(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EFBIG"]);

export interface Transfer {
  readonly url: URL;
  readonly totalBytes: number;
  readonly limits: DownloadLimits;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (receivedBytes: number) => void;
}

/**
 * One attempt to complete the file at `path`: asks for what is missing, and starts again from the
 * first byte when the server does not continue where the file ends.
 *
 * @throws ModelError `model_download_failed` or `model_not_found`; what has arrived by then stays.
 */
export async function receiveFile(path: string, transfer: Transfer): Promise<void> {
  const { url, totalBytes, limits, signal, onProgress } = transfer;
  let receivedBytes = (await fileSize(path)) ?? 0;
  if (receivedBytes === totalBytes) {
    return;
  }
  if (receivedBytes > totalBytes) {
    await truncate(path);
    receivedBytes = 0;
  }
  using watch = watchSilence(limits, signal);
  try {
    const response = await fetch(url, {
      // A compressed transfer could not be resumed: its bytes are not the bytes of the file.
      headers: {
        "accept-encoding": "identity",
        ...(receivedBytes > 0 && { range: `bytes=${receivedBytes}-` }),
      },
      signal: watch.signal,
    });
    watch.heard();
    requireContent(response, url);
    if (response.status === 200) {
      receivedBytes = 0;
    } else if (beginOf(response) !== receivedBytes) {
      await truncate(path);
      throw failed(url, `it does not continue at byte ${receivedBytes}`);
    }
    onProgress(receivedBytes);
    await using file = await open(path, receivedBytes === 0 ? "w" : "a");
    for await (const chunk of response.body ?? []) {
      watch.heard();
      receivedBytes += chunk.byteLength;
      if (receivedBytes > totalBytes) {
        throw failed(url, `it sent more than ${totalBytes} bytes`);
      }
      await file.appendFile(chunk);
      onProgress(receivedBytes);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ModelError) {
      throw error;
    }
    const code = systemErrorCode(error);
    if (code !== undefined && storageCodes.has(code)) {
      throw notWritable(dirname(path), error);
    }
    throw failed(url, watch.complaint ?? networkReason(error), error);
  }
  if (receivedBytes < totalBytes) {
    throw failed(url, `it ended after ${receivedBytes} of ${totalBytes} bytes`);
  }
}

function requireContent(response: Response, url: URL): void {
  if ([200, 206, 416].includes(response.status)) {
    return;
  }
  if (response.status === 404) {
    throw noSuchFile(url);
  }
  throw failed(url, `it answered with HTTP status ${response.status}`);
}

/** The place of the answer's first byte; a server that refuses the range names none. */
function beginOf(response: Response): number | undefined {
  const begin = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return begin === undefined ? undefined : Number(begin);
}

interface SilenceWatch extends Disposable {
  readonly signal: AbortSignal;
  /** Undefined while nothing was waited for too long. */
  readonly complaint: string | undefined;
  heard(): void;
}

/** Aborts a transfer that has gone quiet: first by the limit for an answer, then for a pause. */
function watchSilence(limits: DownloadLimits, outer: AbortSignal | undefined): SilenceWatch {
  const controller = new AbortController();
  let complaint: string | undefined;
  const waitFor = (milliseconds: number, what: string): NodeJS.Timeout =>
    setTimeout(() => {
      complaint = `${what} within ${milliseconds / 1000} s`;
      controller.abort();
    }, milliseconds);
  let timer = waitFor(limits.firstByteMs, "no answer");
  return {
    signal: outer ? AbortSignal.any([controller.signal, outer]) : controller.signal,
    get complaint() {
      return complaint;
    },
    heard() {
      clearTimeout(timer);
      timer = waitFor(limits.silenceMs, "no further byte");
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

function failed(url: URL, reason: string, cause?: unknown): ModelError {
  return new ModelError("model_download_failed", {
    seen: `The download from ${url.host} failed: ${reason}.`,
    remedy: "Check the network and start again; what has arrived is kept and continued.",
    cause,
  });
}

export function noSuchFile(url: URL): ModelError {
  return new ModelError("model_not_found", {
    seen: `${url.host} has no such file (HTTP status 404).`,
    remedy: "Check user, repository, revision and file name of the address.",
  });
}

const explanations: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known here",
  EAI_AGAIN: "its name cannot be looked up",
  ECONNREFUSED: "it refuses the connection",
  ECONNRESET: "the connection was cut",
  ETIMEDOUT: "the connection timed out",
  ENETUNREACH: "there is no network",
  EHOSTUNREACH: "there is no way to it",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
};

/** Why a request failed, in words where we have them, always with the system's code if there is one. */
export function networkReason(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === undefined) {
    return "the connection was lost";
  }
  const explanation = explanations[code];
  return explanation === undefined ? code : `${explanation} (${code})`;
}
