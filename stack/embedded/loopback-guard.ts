import type { IncomingMessage } from "node:http";

export interface Refusal {
  readonly status: 403 | 421;
  readonly message: string;
}

/**
 * Why a request must not be answered, or undefined. Loopback is no boundary: a web page can reach
 * it. A page that pretends to be us by its host name (DNS rebinding) is found by `Host`, any other
 * by the `Origin` that browsers send along.
 */
export function refusalOf(request: IncomingMessage): Refusal | undefined {
  const { host, origin } = request.headers;
  if (host === undefined || !isLoopbackName(host)) {
    return {
      status: 421,
      message: "This server answers on localhost, 127.0.0.1 and [::1] only, by that name.",
    };
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return { status: 403, message: "Pages of other origins may not use this server." };
  }
  return undefined;
}

function isLoopbackName(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}
