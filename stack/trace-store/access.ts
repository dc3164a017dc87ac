import type { IncomingMessage } from "node:http";
import { queryHintHeader } from "../viewer/data/tempo-answers.ts";

/** Who may call besides what is on this machine; nobody by default. */
export interface AllowedCallers {
  /** Host names without ports. */
  readonly hosts: readonly string[];
  /** Origins of web pages, as browsers send them. */
  readonly origins: readonly string[];
}

export const nobodyElse: AllowedCallers = { hosts: [], origins: [] };

export interface Refusal {
  readonly status: 400 | 403 | 421;
  readonly message: string;
}

const preflightHeaders = {
  "access-control-allow-methods": "GET, HEAD, POST",
  // The asterisk does not stand for the first one.
  "access-control-allow-headers": "authorization, content-type, *",
  "access-control-max-age": "600",
};

/**
 * Decides who may call. Loopback is no boundary: a web page can reach it. A page that pretends to be
 * us by its host name (DNS rebinding) is found by `Host`, any other by the `Origin` that browsers
 * send along.
 */
export class Access {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor({ hosts, origins }: AllowedCallers) {
    this.#hosts = new Set(hosts.map(asHost));
    this.#origins = new Set(origins);
  }

  /** Why a request must not be answered, or undefined. */
  findRefusal({ headers, headersDistinct }: IncomingMessage): Refusal | undefined {
    const { host, origin } = headers;
    if ((headersDistinct.host?.length ?? 0) > 1) {
      return { status: 400, message: "A request has one Host." };
    }
    if (host === undefined || !this.#isOurs(host)) {
      return {
        status: 421,
        message:
          "This server answers to localhost, 127.0.0.1 and [::1], and to the names that STACK_ALLOWED_HOSTS lists.",
      };
    }
    if (origin !== undefined && !isOwnOrigin(origin, host) && !this.#origins.has(origin)) {
      return {
        status: 403,
        message:
          "Pages of other origins may not use this server. STACK_ALLOWED_ORIGINS lists those that may.",
      };
    }
    return undefined;
  }

  /**
   * What lets a browser show the answer to the page of another origin that asked. To be called after
   * `findRefusal`, so that the origin is one that was allowed.
   */
  headersFor({ headers, method }: IncomingMessage): Readonly<Record<string, string>> {
    const { origin } = headers;
    if (origin === undefined || !this.#origins.has(origin)) {
      return {};
    }
    return {
      "access-control-allow-origin": origin,
      vary: "origin",
      "access-control-expose-headers": `retry-after, ${queryHintHeader}`,
      ...(method === "OPTIONS" ? preflightHeaders : {}),
    };
  }

  /** Whether a browser asks if its page may send a request. */
  isPreflight({ headers, method }: IncomingMessage): boolean {
    const isAsking = headers["access-control-request-method"] !== undefined;
    return method === "OPTIONS" && headers.origin !== undefined && isAsking;
  }

  /** The port is not compared: port forwarding changes it, and a name is what a page cannot forge. */
  #isOurs(host: string): boolean {
    const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
    return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name) || this.#hosts.has(name);
  }
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`;
}

/** Without the brackets of an IPv6 address, as people write it in a setting, it is no Host. */
function asHost(name: string): string {
  return (name.includes(":") && !name.startsWith("[") ? `[${name}]` : name).toLowerCase();
}
