import { isMetricsQuery } from "#traceql";
import type { TargetJson } from "./dashboard.ts";
import type { TimeRange } from "./time-range.ts";

/** What a panel's target asks for: as Grafana's datasources decide it, by the query's form. */
export type QueryKind = "search" | "range" | "instant" | "trace" | "logs";

export interface TargetRequest {
  readonly kind: QueryKind;
  /** The datasource's path with its parameters. */
  readonly path: string;
  /** The query as it is sent. */
  readonly query: string;
}

/**
 * The request for a target, or undefined when its query is empty, so that there is nothing to ask.
 * @param query of the target, with its variables replaced.
 */
export function createTargetRequest(
  target: TargetJson,
  query: string,
  range: TimeRange,
): TargetRequest | undefined {
  const trimmed = query.trim();
  if (trimmed === "") {
    return undefined;
  }
  if (target.expr !== undefined) {
    const times = { start: `${range.fromMs}000000`, end: `${range.toMs}000000` };
    const parameters = { query: trimmed, ...times, limit: "1000", direction: "forward" };
    return { kind: "logs", query: trimmed, path: address("/loki/api/v1/query_range", parameters) };
  }
  if (/^[0-9a-f]{1,32}$/i.test(trimmed)) {
    return { kind: "trace", query: trimmed, path: `/api/v2/traces/${trimmed.toLowerCase()}` };
  }
  // Whole seconds that hold the whole range.
  const start = String(Math.floor(range.fromMs / 1000));
  const end = String(Math.ceil(range.toMs / 1000));
  const common = { q: trimmed, start, end };
  if (!isMetricsQuery(trimmed)) {
    const { limit = 20, spss = 3 } = target;
    const parameters = { ...common, limit: String(limit), spss: String(spss) };
    return { kind: "search", query: trimmed, path: address("/api/search", parameters) };
  }
  if (target.metricsQueryType === "instant") {
    return { kind: "instant", query: trimmed, path: address("/api/metrics/query", common) };
  }
  const step = target.step ? { step: target.step } : {};
  return {
    kind: "range",
    query: trimmed,
    path: address("/api/metrics/query_range", { ...common, ...step }),
  };
}

function address(path: string, parameters: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(parameters)}`;
}

/** The text of a target that is asked, with its variables. */
export function getQueryText(target: TargetJson): string {
  return target.expr ?? target.query ?? "";
}
