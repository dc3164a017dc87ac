import { type Contract, judgeTrace, type Span, type Violation } from "#contract";
import { StackError } from "../command/stack-error.ts";
import type { Style } from "../command/terminal.ts";
import type { StackConfig } from "../config.ts";
import type { StackState } from "../state/stack-state.ts";
import { type SampleAnswer, sendSample } from "../trace/sample-request.ts";
import { isAsContracted, waitForTrace } from "../trace/tempo-client.ts";

export interface FirstTrace {
  readonly traceId: string;
  readonly answer: SampleAnswer;
  readonly spans: readonly Span[];
  readonly violations: readonly Violation[];
}

interface TraceAddresses {
  readonly serverUrl: string;
  readonly tempoUrl: string;
}

const traceLimitMs = 10_000;

/**
 * Sends one small request and fetches its trace.
 * @throws StackError when the request is refused, `not_traced` when its answer has no X-Trace-Id,
 *   `trace_not_found` when the store never gets the trace.
 */
export async function sampleTrace(
  contract: Contract,
  config: Pick<StackConfig, "apiKey" | "exportVariable">,
  { serverUrl, tempoUrl }: TraceAddresses,
): Promise<FirstTrace> {
  const answer = await sendSample({
    serverUrl,
    apiKey: config.apiKey,
    route: "/v1/completions",
    streamed: false,
    maxTokens: 16,
  });
  const { traceId } = answer;
  if (traceId === undefined) {
    throw new StackError("not_traced");
  }
  const spans = await waitForTrace(tempoUrl, traceId, {
    limitMs: traceLimitMs,
    isComplete: (found) => isAsContracted([contract], found),
  });
  const { requests, violations } = judgeTrace(contract, spans);
  if (requests.length === 0) {
    throw notFound(traceId, config.exportVariable);
  }
  return { traceId, answer, spans, violations };
}

function notFound(traceId: string, exportVariable: string | undefined): StackError {
  return new StackError("trace_not_found", {
    traceId,
    hint:
      exportVariable === undefined
        ? "npm run stack:logs shows what the server did with it; npm run doctor looks for what loses spans."
        : `${exportVariable} is set, so the server may send its spans elsewhere. Unset it.`,
  });
}

const answerLimitMs = 5_000;

/** Where the dashboards are: the overview where there is one, as the last thing that is printed. */
export async function dashboardLines(state: StackState, style: Style): Promise<string[]> {
  if (state.viewerUrl === null) {
    return [];
  }
  const path = await firstDashboard(state.viewerUrl);
  return ["", `The dashboards: ${style("bold", `${state.viewerUrl}${path}`)}`];
}

async function firstDashboard(viewerUrl: string): Promise<string> {
  try {
    const response = await fetch(`${viewerUrl}/api/viewer/provisioned`, {
      signal: AbortSignal.timeout(answerLimitMs),
    });
    const { dashboards } = (await response.json()) as {
      dashboards: readonly { uid: string; url: string }[];
    };
    const found = dashboards.find(({ uid }) => uid.endsWith("-overview")) ?? dashboards[0];
    return found?.url ?? "/dashboards";
  } catch {
    // The list of them says why there is none.
    return "/dashboards";
  }
}
