import { shortText } from "#contract";
import { ProvisioningError, type ProvisioningErrorCode } from "../provisioning-error.ts";

interface RefusedAnswer {
  /** Such as `POST /api/folders`. */
  readonly request: string;
  /** The address that was asked. */
  readonly asked: string;
  readonly status: number;
  readonly headers: Headers;
  /** Where a redirection leads, or empty. */
  readonly location: string;
  readonly body: string;
}

/** The error for an answer that is none of success. */
export function createAnswerError(answer: RefusedAnswer): ProvisioningError {
  const { request, status, body } = answer;
  const said = extractMessage(body);
  const words = said === "" ? "" : `: ${said}`;
  const who = identifySpeaker(answer);
  const subject = who === "proxy" ? "Not Grafana, but something before it," : "Grafana";
  const message = `${subject} answered ${request} with ${status}${words}.`;
  const { code, ...explanation } = explainAnswer(answer, who);
  return new ProvisioningError(code, { message, ...explanation });
}

/** How one gets past what signs people in. */
export const passing =
  "If something before Grafana signs people in, set GRAFANA_HEADERS to a header that it lets pass (docs/provisioning.md), or give --grafana an address behind it.";

type Speaker = "grafana" | "grafana, probably" | "proxy";

/** Grafana answers in JSON, with a message and mostly with more; a proxy in its own way. */
function identifySpeaker({ status, body }: RefusedAnswer): Speaker {
  const document = objectIn(body);
  if (typeof document?.message !== "string") {
    const isCertain = status < 400 || body.trim() !== "" || byProxies.has(status);
    return isCertain ? "proxy" : "grafana, probably";
  }
  const isGrafanas = ["messageId", "traceID", "accessErrorId", "statusCode"].some(
    (field) => field in document,
  );
  return isGrafanas ? "grafana" : "grafana, probably";
}

/** What Grafana itself never answers, or not without a message. */
const byProxies = new Set([401, 403, 407, 413, 414, 431, 502, 503, 504]);

interface Explanation {
  readonly code: ProvisioningErrorCode;
  readonly hint?: string;
  readonly isTransient?: boolean;
  readonly retryAfterMs?: number | undefined;
}

function explainAnswer(answer: RefusedAnswer, who: Speaker): Explanation {
  const { status, headers } = answer;
  if (status >= 300 && status < 400) {
    return explainRedirection(answer);
  }
  if (status === 429 || status >= 500) {
    return {
      code: "grafana_failed",
      hint: [suggestAction(status, who), waitWords(headers)].join(""),
      isTransient: true,
      retryAfterMs: retryAfterMs(headers.get("retry-after")),
    };
  }
  const known = (who === "proxy" ? proxyExplanations[status] : undefined) ?? explanations[status];
  if (known === undefined) {
    return { code: "grafana_refused" };
  }
  return status === 401 && who === "grafana, probably"
    ? { ...known, hint: `The token is wrong, expired or of another Grafana. ${passing}` }
    : known;
}

function suggestAction(status: number, who: Speaker): string {
  const later = "Try again later; what was done already stays.";
  if (status === 429) {
    return `It has too much to do. ${later}`;
  }
  return who === "proxy" && byProxies.has(status)
    ? `What is before Grafana gets no answer from it: does Grafana run, and is it ready? ${later}`
    : `Its log says why. ${later}`;
}

function waitWords(headers: Headers): string {
  const ms = retryAfterMs(headers.get("retry-after"));
  return ms === undefined ? "" : ` It asks to be left alone for ${Math.ceil(ms / 1000)} s.`;
}

const signInPath = /log-?in|sign-?in|oauth|openid|saml|sso|authorize|\/auth\b/i;

/** To the page of somebody who signs in, or to where Grafana is now. */
function explainRedirection({ asked, location }: RefusedAnswer): Explanation {
  const code = "grafana_unsuitable";
  const target = location === "" ? null : URL.parse(location, asked);
  if (target === null) {
    return { code, hint: "It does not say where it is. Is that the address of Grafana?" };
  }
  // What follows the path may hold what signs somebody in.
  const where = shortText(`${target.origin}${target.pathname}`);
  const { pathname } = new URL(asked);
  if (signInPath.test(`${target.hostname}${target.pathname}`) && target.pathname !== pathname) {
    return { code, hint: `It leads to a page for signing in: ${where}. ${passing}` };
  }
  const api = pathname.slice(pathname.indexOf("/api/"));
  const address = where.endsWith(api) ? where.slice(0, -api.length) : where;
  return { code, hint: `It is somewhere else: ${address}. Give --grafana that address.` };
}

const proxyExplanations: Readonly<Record<number, Explanation>> = {
  401: { code: "grafana_unauthorized", hint: passing },
  403: { code: "grafana_forbidden", hint: `It lets that request not pass. ${passing}` },
  407: { code: "grafana_unauthorized", hint: passing },
  413: {
    code: "grafana_refused",
    hint: "The largest dashboard is too large for it. Let it take 1 MiB: client_max_body_size of nginx, for example.",
  },
  431: { code: "grafana_refused", hint: "The headers are too large for it: is GRAFANA_HEADERS?" },
};

const explanations: Readonly<Record<number, Explanation>> = {
  401: { code: "grafana_unauthorized" },
  403: { code: "grafana_forbidden" },
  404: {
    code: "grafana_refused",
    hint: "It has no such address or object. Is that the address of Grafana, with its path?",
  },
  409: { code: "grafana_conflict" },
  412: { code: "grafana_conflict" },
  413: {
    code: "grafana_refused",
    hint: "What was sent is too large for it, or for what is before it.",
  },
};

/** Whether a text is the markup of a page, which a proxy answers with, and nobody wants to read. */
export function isPage(text: string): boolean {
  return text.trimStart().startsWith("<");
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? { ...document } : undefined;
  } catch {
    return undefined;
  }
}

/** What was said, on one line, without the full stop. */
function extractMessage(body: string): string {
  const message = objectIn(body)?.message;
  const text = message === undefined ? (isPage(body) ? "" : body) : String(message);
  return shortText(text.replaceAll(/\s+/g, " ").trim().replace(/\.$/, ""));
}

/** How long a server asks to be left alone: seconds, or until a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null || header.trim() === "") {
    return undefined;
  }
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
