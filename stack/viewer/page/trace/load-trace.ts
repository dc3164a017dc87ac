import { datasourceUids, miniserve, readOtlpJson, type Span } from "#contract";
import { type LogRow, logRows, type StreamsAnswer } from "../../data/log-rows.ts";
import { logQueryOf } from "../../data/trace/trace-story.ts";
import { getJson } from "../api/get-json.ts";

export interface LoadedTrace {
  readonly spans: readonly Span[];
  /** Parts of the answer that could not be read, a sentence each. */
  readonly faults: readonly string[];
  readonly logs: readonly LogRow[];
  /** Why there can be no lines; undefined when the log answered. */
  readonly logFault: string | undefined;
}

/** The spans of a trace and its log lines. @throws RequestError when the store does not give it. */
export async function loadTrace(traceId: string, signal: AbortSignal): Promise<LoadedTrace> {
  const [answer, log] = await Promise.all([
    getJson<unknown>(`${proxied(datasourceUids.tempo)}/api/v2/traces/${traceId}`, signal),
    loadLogs(traceId, signal),
  ]);
  const { spans, faults } = readOtlpJson(answer);
  return {
    spans,
    faults: faults.map(({ path, seen, expected }) => `${path}: ${seen} instead of ${expected}`),
    ...log,
  };
}

/** A trace is worth looking at without its lines, too. */
async function loadLogs(
  traceId: string,
  signal: AbortSignal,
): Promise<Pick<LoadedTrace, "logs" | "logFault">> {
  const parameters = new URLSearchParams({ query: logQueryOf(miniserve, traceId), limit: "1000" });
  const path = `${proxied(datasourceUids.loki)}/loki/api/v1/query_range?${parameters}`;
  try {
    return { logs: logRows(await getJson<StreamsAnswer>(path, signal)), logFault: undefined };
  } catch (error) {
    signal.throwIfAborted();
    return { logs: [], logFault: (error as Error).message };
  }
}

function proxied(uid: string): string {
  return `/api/datasources/proxy/uid/${uid}`;
}
