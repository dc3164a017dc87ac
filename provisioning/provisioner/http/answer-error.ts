import { shortText } from "#contract";
import { ProvisioningError, type ProvisioningErrorDescription } from "../provisioning-error.ts";

export interface RefusedAnswer {
  /** Such as `POST /api/folders`. */
  readonly request: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The error for an answer that is none of success. */
export function errorOfAnswer({
  request,
  status,
  headers,
  body,
}: RefusedAnswer): ProvisioningError {
  const said = wordsOf(body);
  const words = said === "" ? "" : `: ${said}`;
  const seen = `Grafana answered ${request} with ${status}${words}.`;
  return new ProvisioningError({ seen, ...meaningOf(status, headers) });
}

type Meaning = Omit<ProvisioningErrorDescription, "seen">;

function meaningOf(status: number, headers: Headers): Meaning {
  if (status >= 300 && status < 400) {
    return {
      code: "grafana_unsuitable",
      action: `It is somewhere else: ${headers.get("location") ?? "it does not say where"}. Give --grafana that address.`,
    };
  }
  const known = meanings[status];
  if (known !== undefined) {
    return known;
  }
  if (status === 429) {
    return {
      code: "grafana_failed",
      action: "It has too much to do. Try again later; what was done already stays.",
      isTransient: true,
      retryAfterMs: retryAfterMs(headers.get("retry-after")),
    };
  }
  return status >= 500
    ? {
        code: "grafana_failed",
        action: "Its log says why. Try again later; what was done already stays.",
        isTransient: true,
        retryAfterMs: retryAfterMs(headers.get("retry-after")),
      }
    : {
        code: "grafana_refused",
        action: "Its words say why; nothing was changed by that request.",
      };
}

const meanings: Readonly<Record<number, Meaning>> = {
  401: {
    code: "grafana_unauthorized",
    action:
      "The token is wrong, expired or of another Grafana. Make a new one, and set the variable.",
  },
  403: {
    code: "grafana_forbidden",
    action:
      "The account may not do that. It needs the role Editor for the folder, dashboards and rules, and Admin for datasources; --tempo-uid uses one that is there.",
  },
  404: {
    code: "grafana_refused",
    action: "It has no such address or object. Is that the address of Grafana, with its path?",
  },
  409: {
    code: "grafana_conflict",
    action: "Something of that name is there, or was changed meanwhile. Run it again to see what.",
  },
  412: {
    code: "grafana_conflict",
    action: "Somebody changed it meanwhile. Run it again: the plan shows what differs.",
  },
};

/** Seconds, or a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) {
    return undefined;
  }
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** What Grafana says, on one line, without the full stop. */
function wordsOf(body: string): string {
  let text = body;
  try {
    const document: unknown = JSON.parse(body);
    if (typeof document === "object" && document !== null && "message" in document) {
      text = String(document.message);
    }
  } catch {
    // A proxy before it answers with a page, of which nobody wants to read the markup.
    text = body.trimStart().startsWith("<") ? "" : body;
  }
  return shortText(text.replaceAll(/\s+/g, " ").trim().replace(/\.$/, ""));
}
