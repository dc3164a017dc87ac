import { prometheusName } from "#contract";
import { metrics } from "#miniserve";
import { StackError } from "../../../stack/index.ts";
import { type Check, fine, type Seen } from "../check.ts";
import { Finding } from "../finding.ts";

const answerLimitMs = 5_000;

/** What became of the server's spans, as its own metrics count them. */
export function deliveryCheck(serverUrl: string, apiKey: string | undefined): Check {
  return {
    name: "Delivery",
    why: "Spans that the server gives up are holes in traces; no answer shows it.",
    look: async () => {
      const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
      const response = await ask(`${serverUrl}/metrics`, headers);
      if (response.status === 401) {
        return new StackError("key_refused");
      }
      return judge(await response.text());
    },
  };
}

async function ask(url: string, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(answerLimitMs) });
  } catch (error) {
    const { cause, name } = error as Error & { cause?: { code?: string } };
    const reason = cause?.code ?? name;
    throw new StackError("server_unreachable", { server: new URL(url).origin, reason });
  }
}

function judge(text: string): Seen {
  const read = (metric: (typeof metrics)[keyof typeof metrics]) =>
    Number(
      new RegExp(`^${prometheusName(metric)}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? 0,
    );
  const { spansEnded, spansAccepted, spansDropped, exportsFailed } = metrics;
  const [ended, accepted, dropped, failed] = [
    read(spansEnded),
    read(spansAccepted),
    read(spansDropped),
    read(exportsFailed),
  ];
  if (dropped > 0) {
    return new Finding("spans_lost", { dropped });
  }
  const waiting = ended - accepted;
  return failed > 0 && waiting > 0
    ? new Finding("spans_waiting", { waiting, failed })
    : fine(`${accepted} of ${ended} spans were taken, ${failed} exports failed.`);
}
