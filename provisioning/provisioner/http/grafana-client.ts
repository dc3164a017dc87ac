import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { Backoff, withoutSecrets } from "#contract";
import { ProvisioningError } from "../provisioning-error.ts";
import { createAnswerError, isPage, passing } from "./answer-error.ts";

export interface GrafanaAccess {
  /** With the path below which Grafana is served, if there is one. */
  readonly url: string;
  /** A token, or `user:password`. Never printed. Undefined where the headers say who asks. */
  readonly credential: string | undefined;
  /** For what is before Grafana, and signs in. Never printed. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly wait?: Wait;
  /** Ends every request, for who does not wait for a slow Grafana. */
  readonly signal?: AbortSignal;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const answerLimitMs = 30_000;

/** Grafana's HTTP API: JSON in, JSON out. */
export class GrafanaClient {
  readonly url: string;
  readonly wait: Wait;
  /** Whether it is somebody who signs in: a token belongs to a service account. */
  readonly isPerson: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #headers: Readonly<Record<string, string>>;
  /** Everything that Grafana, or what is before it, might repeat. */
  readonly #secrets: readonly string[];

  constructor({ url, credential, headers = {}, wait = waitFor, signal }: GrafanaAccess) {
    this.url = url.replace(/\/+$/, "");
    this.wait = wait;
    this.#signal = signal;
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
      throw createAnswerError({ request, asked, status, headers, location, body });
    }
    return text === "" ? undefined : parseDocument(request, text);
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
        signal: AbortSignal.any([
          AbortSignal.timeout(answerLimitMs),
          ...(this.#signal === undefined ? [] : [this.#signal]),
        ]),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      throw createConnectionError(request, error);
    }
  }
}

function parseDocument(request: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProvisioningError("grafana_unsuitable", {
      message: `The answer to ${request} is ${isPage(text) ? "a page, and " : ""}not JSON.`,
      hint: `Is that the address of Grafana, with its path? ${passing}`,
    });
  }
}

/** The error for a request that got no answer. */
function createConnectionError(request: string, error: unknown): ProvisioningError {
  const code = describeCause(error);
  if (certificateFaults.has(code) || code.startsWith("ERR_TLS_") || code.startsWith("CERT_")) {
    return new ProvisioningError("grafana_unreachable", {
      message: `Grafana's certificate cannot be trusted (${code}).`,
      hint: "NODE_EXTRA_CA_CERTS=FILE names the certificate of an authority of your own. It is never skipped.",
    });
  }
  if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return new ProvisioningError("grafana_unreachable", {
      message: "What is there does not speak TLS.",
      hint: "Is it http:// instead of https://?",
    });
  }
  return new ProvisioningError("grafana_unreachable", {
    message: `There was no answer to ${request} (${code}).`,
    isTransient: !lasting.has(code),
  });
}

const certificateFaults = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Nobody listens there, there is no such name, or `fetch` took no such request: later it is the same. */
const lasting = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "ERR_INVALID_URL",
  "EHOSTUNREACH",
  "TypeError",
]);

/**
 * `fetch` hides what happened in the cause of its error. Its message is never taken: it repeats the token
 * or the password of a request that it refuses to make.
 */
function describeCause(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if (at.name === "TimeoutError") {
      return "no answer in time";
    }
    if ("code" in at && typeof at.code === "string") {
      return at.code;
    }
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return error instanceof Error ? error.name : "unknown";
}

/** An answer of Grafana's in the form that is relied on. @throws ProvisioningError for any other. */
export function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  answer: unknown,
  path: string,
): z.infer<Schema> {
  const { data, error } = schema.safeParse(answer);
  if (error !== undefined) {
    const [issue] = error.issues;
    throw new ProvisioningError("grafana_unsuitable", {
      message: `The answer of ${path} is not as expected: ${issue?.path.join(".")}: ${issue?.message}.`,
    });
  }
  return data as z.infer<Schema>;
}

/** Waits; a test gives one that does not. */
type Wait = (ms: number) => Promise<unknown>;

const waitFor: Wait = (ms) => sleep(ms);

const attempts = 6;
const longestPauseMs = 30_000;

/**
 * Calls something until it goes well, with longer and longer pauses, or as long as Grafana asked for.
 * What would not go better a second time is thrown at once, and so is the last error, and one after which
 * Grafana asked for more time than anybody waits.
 */
export async function withRetries<Result>(
  call: () => Promise<Result>,
  wait: Wait,
): Promise<Result> {
  const backoff = new Backoff({ firstDelayMs: 500, maxDelayMs: longestPauseMs, isSpread: true });
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const isLong = isTransient(error) && (error.values.retryAfterMs ?? 0) > longestPauseMs;
      if (!isTransient(error) || isLong || attempt === attempts) {
        throw error;
      }
      await wait(Math.max(backoff.nextDelayMs(), error.values.retryAfterMs ?? 0));
    }
  }
}

function isTransient(error: unknown): error is ProvisioningError {
  return error instanceof ProvisioningError && error.values.isTransient === true;
}
