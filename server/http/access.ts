import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Configuration } from "../config.ts";
import { ApiError } from "./errors.ts";

type AccessSettings = Pick<
  Configuration,
  "MINISERVE_HOST" | "MINISERVE_API_KEY" | "MINISERVE_ALLOWED_HOSTS" | "MINISERVE_ALLOWED_ORIGINS"
>;

const preflightHeaders = {
  "access-control-allow-methods": "GET, POST",
  // The asterisk does not stand for the first one.
  "access-control-allow-headers": "authorization, content-type, *",
  "access-control-max-age": "600",
};

/**
 * Decides who may call. Loopback is no boundary: any web page can reach it, under a name of its own
 * choosing. So the Host must be one of ours, and an Origin one that was allowed.
 */
export class Access {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #keyDigest: Buffer | undefined;

  constructor(settings: AccessSettings) {
    this.#hosts = new Set(
      [
        "localhost",
        "127.0.0.1",
        "[::1]",
        settings.MINISERVE_HOST,
        ...settings.MINISERVE_ALLOWED_HOSTS,
      ].map(asHost),
    );
    this.#origins = new Set(settings.MINISERVE_ALLOWED_ORIGINS);
    const key = settings.MINISERVE_API_KEY;
    this.#keyDigest = key === "" ? undefined : digest(key);
  }

  /** @throws ApiError `request_malformed`, `host_not_allowed` or `origin_not_allowed`. */
  checkCaller(request: IncomingMessage): void {
    const { host, origin } = request.headers;
    const hosts = request.headersDistinct.host?.length ?? 0;
    // Of several, Node would show the first, and a proxy before us may have looked at another.
    if (hosts > 1 || (hosts === 0 && request.httpVersion !== "1.0")) {
      throw new ApiError("request_malformed");
    }
    // A whole address in the request line counts, and the header beside it does not (RFC 9112, 3.2.2).
    const [, addressed = host] = /^https?:\/\/([^/?#]*)/i.exec(request.url ?? "") ?? [];
    // The port is not compared: port forwarding changes it, and a name is what a page cannot forge.
    const name = addressed?.replace(/:\d*$/, "").toLowerCase();
    if (name === undefined || !this.#hosts.has(name)) {
      throw new ApiError("host_not_allowed");
    }
    if (origin !== undefined && !this.#origins.has(origin)) {
      throw new ApiError("origin_not_allowed");
    }
  }

  /**
   * What lets a browser show the answer to the page that asked; nothing for anyone else. To be called
   * after `checkCaller`, so that the origin is one that was allowed.
   */
  headersFor({ headers, method }: IncomingMessage): Readonly<Record<string, string>> {
    const { origin } = headers;
    if (origin === undefined) {
      return {};
    }
    return {
      "access-control-allow-origin": origin,
      vary: "origin",
      "access-control-expose-headers": "x-trace-id, x-request-id, retry-after",
      ...(method === "OPTIONS" ? preflightHeaders : {}),
    };
  }

  /** Whether a browser asks if its page may send a request. It asks without the key. */
  isPreflight({ headers, method }: IncomingMessage): boolean {
    const isAsking = headers["access-control-request-method"] !== undefined;
    return method === "OPTIONS" && headers.origin !== undefined && isAsking;
  }

  /** @throws ApiError `invalid_api_key`. */
  checkKey(request: IncomingMessage): void {
    if (this.#keyDigest === undefined) {
      return;
    }
    const [, given] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
    // Digests have one length, so the comparison takes as long whatever was sent.
    if (!timingSafeEqual(digest(given ?? ""), this.#keyDigest)) {
      throw new ApiError("invalid_api_key");
    }
  }
}

/** Without the brackets of an IPv6 address, as people write it in a setting, it is no Host. */
function asHost(name: string): string {
  return (name.includes(":") && !name.startsWith("[") ? `[${name}]` : name).toLowerCase();
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
