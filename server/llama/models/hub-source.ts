import { createHash } from "node:crypto";
import { downloadFile } from "./download.ts";
import { formatHubAddress, type HubAddress, hubFileUrl } from "./hub-address.ts";
import { ModelError } from "./model-error.ts";
import { type FileFingerprint, requireFingerprint } from "./model-file.ts";
import type { ModelReport } from "./model-report.ts";
import { networkReason } from "./network-reason.ts";
import { type DownloadLimits, noSuchFile } from "./receive-file.ts";
import { requireGguf } from "./require-gguf.ts";

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
    ...transferOf(hub, address, expected.sizeBytes, report),
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
    ...transferOf(hub, address, sizeBytes, report),
    destination,
    identity: createHash("sha256").update(`${tag} ${sizeBytes}`).digest("hex").slice(0, 16),
    async verify(path) {
      await requireGguf(path);
      if (sha256) await requireFingerprint(path, { sizeBytes, sha256 }, report.signal);
    },
  });
  return sha256;
}

function transferOf(hub: Hub, address: HubAddress, totalBytes: number, report: ModelReport) {
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
  if (status === 404) return noSuchFile(url);
  return new ModelError("model_download_failed", {
    seen:
      status < 400
        ? `${url.host} does not tell how large the file is.`
        : `${url.host} does not hand out the file (HTTP status ${status}).`,
    remedy:
      "A repository that is private or asks for consent needs a log-in: download the file by hand and give its path.",
  });
}

function unreachable(url: URL, reason: string, cause?: unknown): ModelError {
  return new ModelError("model_download_failed", {
    seen: `${url.host} cannot be reached: ${reason}.`,
    remedy: "Check the network, or download the file elsewhere and give its path.",
    cause,
  });
}
