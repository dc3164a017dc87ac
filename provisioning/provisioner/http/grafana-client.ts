import { withoutSecrets } from "#contract";
import { ProvisioningError } from "../provisioning-error.ts";
import { errorOfAnswer, isPage, passing } from "./answer-error.ts";
import { errorOfConnection } from "./connection-error.ts";
import { type Wait, waitFor, withRetries } from "./retries.ts";

export interface GrafanaAccess {
  /** With the path below which Grafana is served, if there is one. */
  readonly url: string;
  /** A token, or `user:password`. Never printed. Undefined where the headers say who asks. */
  readonly credential: string | undefined;
  /** For what is before Grafana, and signs in. Never printed. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly wait?: Wait;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const answerLimitMs = 30_000;

/** Grafana's HTTP API: JSON in, JSON out. */
export class GrafanaClient {
  readonly url: string;
  readonly wait: Wait;
  /** Whether it is somebody who signs in: a token belongs to a service account. */
  readonly isPerson: boolean;
  readonly #headers: Readonly<Record<string, string>>;
  /** Everything that Grafana, or what is before it, might repeat. */
  readonly #secrets: readonly string[];

  constructor({ url, credential, headers = {}, wait = waitFor }: GrafanaAccess) {
    this.url = url.replace(/\/+$/, "");
    this.wait = wait;
    // No token of Grafana's has a colon.
    this.isPerson = credential?.includes(":") === true;
    const authorization = this.isPerson
      ? `Basic ${Buffer.from(credential ?? "").toString("base64")}`
      : `Bearer ${credential}`;
    this.#headers = { ...(credential === undefined ? {} : { authorization }), ...headers };
    this.#secrets = [...(credential === undefined ? [] : [credential]), ...Object.values(headers)];
  }

  /** Asks, several times if need be. @throws ProvisioningError. */
  async get(path: string): Promise<unknown> {
    return await withRetries(() => this.#request("GET", path, undefined, false), this.wait);
  }

  /** As `get`, and undefined where Grafana has no such thing. */
  async find(path: string): Promise<unknown> {
    return await withRetries(() => this.#request("GET", path, undefined, true), this.wait);
  }

  /**
   * Changes something, once: who sends knows what it means to send it again.
   * @throws ProvisioningError, `isTransient` when it is not known whether it was done.
   */
  async send(method: Exclude<Method, "GET">, path: string, body?: unknown): Promise<unknown> {
    return await this.#request(method, path, body, false);
  }

  async #request(method: Method, path: string, body: unknown, mayLack: boolean): Promise<unknown> {
    const request = `${method} ${path.split("?")[0]}`;
    const { status, headers, text } = await this.#exchange(request, method, path, body);
    if (status === 404 && mayLack) {
      return undefined;
    }
    if (status < 200 || status > 299) {
      const body = withoutSecrets(text, this.#secrets);
      const location = withoutSecrets(headers.get("location") ?? "", this.#secrets);
      const asked = `${this.url}${path.split("?")[0]}`;
      throw errorOfAnswer({ request, asked, status, headers, location, body });
    }
    return text === "" ? undefined : documentOf(request, text);
  }

  async #exchange(request: string, method: Method, path: string, body: unknown) {
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          accept: "application/json",
          ...this.#headers,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirection to a page for signing in would look like an answer.
        redirect: "manual",
        signal: AbortSignal.timeout(answerLimitMs),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      throw errorOfConnection(request, error);
    }
  }
}

function documentOf(request: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProvisioningError({
      code: "grafana_unsuitable",
      seen: `The answer to ${request} is ${isPage(text) ? "a page, and " : ""}not JSON.`,
      action: `Is that the address of Grafana, with its path? ${passing}`,
    });
  }
}
