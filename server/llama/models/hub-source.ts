import { createHash } from "node:crypto";
import { open, readdir, rename, rm, stat, truncate, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatHubAddress, type HubAddress, hubFileUrl } from "./hub-address.ts";
import { ModelError, systemErrorCode } from "./model-error.ts";
import {
  type FileFingerprint,
  fileSize,
  isAbandoned,
  makeModelDirectory,
  notWritable,
  ownerTag,
  requireFingerprint,
} from "./model-file.ts";
import type { ModelReport } from "./model-report.ts";
import { requireGguf } from "./require-gguf.ts";

/**
 * The transport is our own, on `fetch`, because both libraries failed against the hub of the tests:
 *
 * - node-llama-cpp's downloader (ipull 3.9) waits for ever on a silent server, ignores an abort then
 *   and while it retries a 429 or 5xx, continues a part of other content, fails when two processes
 *   download one file, ends the process when the disk is full (unhandled rejections), and sends an
 *   access token on to the host that a redirect names.
 * - `@huggingface/hub` 2.17 waits for ever too, resumes and retries nothing, and tells no progress.
 */

export interface Hub {
  readonly url: string;
  readonly limits: DownloadLimits;
}

/** Downloads a file whose fingerprint is known beforehand. */
export async function downloadPinnedFile(
  hub: Hub,
  address: HubAddress,
  expected: FileFingerprint,
  destination: string,
  report: ModelReport,
): Promise<void> {
  await downloadFile({
    ...createTransfer(hub, address, expected.sizeBytes, report),
    destination,
    identity: expected.sha256.slice(0, 16),
    verify: (path) => requireFingerprint(path, expected, report.signal),
  });
}

/**
 * Downloads a file of which only the address is known: the hub is asked first how large it is and,
 * where it tells, for its sha256.
 *
 * @returns the sha256 that the hub gave and the file has, if it gave one
 */
export async function downloadHubFile(
  hub: Hub,
  address: HubAddress,
  destination: string,
  report: ModelReport,
): Promise<string | undefined> {
  const { sizeBytes, tag } = await describeHubFile(hub, address, report.signal);
  const sha256 = /^[0-9a-f]{64}$/.test(tag) ? tag : undefined;
  await downloadFile({
    ...createTransfer(hub, address, sizeBytes, report),
    destination,
    identity: createHash("sha256").update(`${tag} ${sizeBytes}`).digest("hex").slice(0, 16),
    async verify(path) {
      await requireGguf(path);
      if (sha256) {
        await requireFingerprint(path, { sizeBytes, sha256 }, report.signal);
      }
    },
  });
  return sha256;
}

function createTransfer(hub: Hub, address: HubAddress, totalBytes: number, report: ModelReport) {
  const source = formatHubAddress(address);
  return {
    url: hubFileUrl(hub.url, address),
    totalBytes,
    limits: hub.limits,
    signal: report.signal,
    onProgress: (receivedBytes: number) =>
      report.onProgress?.({ step: "hub", source, receivedBytes, totalBytes }),
  };
}

interface HubFileDescription {
  readonly sizeBytes: number;
  /** Changes with the content; for large files it is the content's sha256. */
  readonly tag: string;
}

/**
 * The hub answers for a large file with a redirection to its storage, and only that first answer
 * carries the size and sha256 of the content. Redirections inside the hub (a repository that was
 * renamed) are followed.
 */
async function describeHubFile(
  hub: Hub,
  address: HubAddress,
  signal: AbortSignal | undefined,
): Promise<HubFileDescription> {
  let url = hubFileUrl(hub.url, address);
  for (let redirections = 0; redirections < 5; redirections++) {
    const { status, headers } = await head(url, hub.limits.firstByteMs, signal);
    const target = headers.get("location");
    if (status >= 300 && status < 400 && target !== null && !headers.has("x-linked-size")) {
      url = new URL(target, url);
      continue;
    }
    const sizeBytes = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? "");
    if (status < 400 && sizeBytes > 0) {
      const tag = headers.get("x-linked-etag") ?? headers.get("etag") ?? "";
      return { sizeBytes, tag: tag.replace(/^W\//, "").replaceAll('"', "") };
    }
    throw refused(url, status);
  }
  throw unreachable(url, "it redirects in a circle");
}

async function head(
  url: URL,
  firstByteMs: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const limit = AbortSignal.timeout(firstByteMs);
  try {
    return await fetch(url, {
      method: "HEAD",
      redirect: "manual",
      headers: { "accept-encoding": "identity" },
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    });
  } catch (error) {
    signal?.throwIfAborted();
    const reason = limit.aborted ? `no answer within ${firstByteMs / 1000} s` : undefined;
    throw unreachable(url, reason ?? networkReason(error), error);
  }
}

function refused(url: URL, status: number): ModelError {
  if (status === 404) {
    return noSuchFile(url);
  }
  return new ModelError("model_download_failed", {
    message:
      status < 400
        ? `${url.host} does not tell how large the file is.`
        : `${url.host} does not hand out the file (HTTP status ${status}).`,
    hint: "A repository that is private or asks for consent needs a log-in: download the file by hand and give its path.",
  });
}

function unreachable(url: URL, reason: string, cause?: unknown): ModelError {
  return new ModelError("model_download_failed", {
    message: `${url.host} cannot be reached: ${reason}.`,
    hint: "Check the network, or download the file elsewhere and give its path.",
    cause,
  });
}

const mostAttempts = 10;

interface Download extends Transfer {
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
async function downloadFile(download: Download): Promise<void> {
  const part = await claimPartialFile(download.destination, download.identity);
  try {
    const resumed = ((await fileSize(part.path)) ?? 0) > 0;
    await receivePersistently(part, download);
    try {
      await download.verify(part.path);
    } catch (error) {
      if (!resumed || !isUnusable(error)) {
        throw error;
      }
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
      if (!canContinue || after === before || attempt === mostAttempts) {
        throw error;
      }
      await sleep(transfer.limits.pauseMs, undefined, { signal: transfer.signal });
    }
  }
}

/** The part of a file that has arrived. It belongs to this process until one of the methods ran. */
interface PartialFile {
  readonly path: string;
  /** Puts it down for a later attempt, by whichever process. */
  release(): Promise<void>;
  discard(): Promise<void>;
  /** Makes it the finished file, in one step that cannot be seen half done. */
  commit(): Promise<void>;
}

/**
 * Claims what an earlier attempt left of `destination`, or a fresh place when there is nothing.
 *
 * Released parts are called `<file>.<identity>.part`, claimed ones have the owner in the name too:
 * claiming is a rename, which only one process can win, so no lock is needed. A second process that
 * downloads at the same time simply does so for itself.
 *
 * @param identity tells which content the part is of; parts of another content are never resumed.
 */
async function claimPartialFile(destination: string, identity: string): Promise<PartialFile> {
  const directory = dirname(destination);
  const released = `${destination}.${identity}.part`;
  const claimed = `${destination}.${identity}.${ownerTag()}.part`;
  await makeModelDirectory(directory);
  for (const leftover of await leftovers(destination)) {
    if (leftover.startsWith(`${basename(destination)}.${identity}.`)) {
      if (await takeOver(join(directory, leftover), claimed)) {
        break;
      }
    }
  }
  return {
    path: claimed,
    release: () => ignoreMissing(rename(claimed, released)),
    discard: () => rm(claimed, { force: true }),
    async commit() {
      try {
        await synchronise(claimed);
        await rename(claimed, destination);
      } catch (error) {
        throw notWritable(directory, error);
      }
      for (const leftover of await leftovers(destination)) {
        await rm(join(directory, leftover), { force: true });
      }
    },
  };
}

/** The parts of a file that nobody works on, of whatever content. */
async function leftovers(destination: string): Promise<string[]> {
  const directory = dirname(destination);
  const prefix = `${basename(destination)}.`;
  const names = (await readdir(directory)).filter(
    (name) => name.startsWith(prefix) && name.endsWith(".part"),
  );
  const free = await Promise.all(
    names.map(async (name) => {
      const [, owner] = name.slice(prefix.length, -".part".length).split(".");
      if (owner === undefined) {
        return true;
      }
      const found = await stat(join(directory, name)).catch(() => undefined);
      return found !== undefined && isAbandoned(owner, found.mtimeMs);
    }),
  );
  return names.filter((_, index) => free[index]);
}

/** False when another process was faster. */
async function takeOver(leftover: string, claimed: string): Promise<boolean> {
  try {
    // Touched first: an old file under our name would look abandoned to another process.
    const now = new Date();
    await utimes(leftover, now, now);
    await rename(leftover, claimed);
    return true;
  } catch {
    return false;
  }
}

async function synchronise(path: string): Promise<void> {
  await using file = await open(path, "r+");
  await file.sync();
}

async function ignoreMissing(operation: Promise<void>): Promise<void> {
  await operation.catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) {
      throw error;
    }
  });
}

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

interface Transfer {
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
async function receiveFile(path: string, transfer: Transfer): Promise<void> {
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
    } else if (readFirstByte(response) !== receivedBytes) {
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
function readFirstByte(response: Response): number | undefined {
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
    message: `The download from ${url.host} failed: ${reason}.`,
    hint: "Check the network and start again; what has arrived is kept and continued.",
    cause,
  });
}

function noSuchFile(url: URL): ModelError {
  return new ModelError("model_not_found", {
    message: `${url.host} has no such file (HTTP status 404).`,
    hint: "Check user, repository, revision and file name of the address.",
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
function networkReason(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === undefined) {
    return "the connection was lost";
  }
  const explanation = explanations[code];
  return explanation === undefined ? code : `${explanation} (${code})`;
}
