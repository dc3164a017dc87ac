import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "./errors.ts";

/** ASCII is a part of it. */
const utf8Names: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii"]);

/**
 * Which media type a body has is judged by Fastify; here, that it is in UTF-8 and not compressed. Both
 * would otherwise be ignored, and the bytes taken for something that they are not.
 * @throws ApiError `unsupported_media_type`.
 */
export function checkEncoding(headers: IncomingHttpHeaders): void {
  const [, charset = "utf-8"] =
    /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers["content-type"] ?? "") ?? [];
  const compression = headers["content-encoding"] || "identity";
  if (!utf8Names.has(charset.toLowerCase()) || compression.toLowerCase() !== "identity") {
    throw new ApiError("unsupported_media_type");
  }
}
