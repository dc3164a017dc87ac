import type { RawRange } from "../dashboard.ts";

/** What Explore's address says: one query and its time range. */
export interface ExploreState {
  readonly query: string;
  /** The uid of the datasource that is asked; undefined for the usual one. */
  readonly datasourceUid: string | undefined;
  readonly metricsQueryType: "range" | "instant";
  readonly limit: number;
  readonly spss: number;
  readonly range: RawRange;
}

export const firstState: ExploreState = {
  query: "",
  datasourceUid: undefined,
  metricsQueryType: "range",
  limit: 20,
  spss: 10,
  range: { from: "now-1h", to: "now" },
};

/**
 * Reads the first pane of Grafana's address of Explore. What is missing or has another form is as at
 * first: an address may come from anywhere.
 */
export function readExploreState(parameters: URLSearchParams): ExploreState {
  const [pane] = Object.values(readObject(parsed(parameters.get("panes"))));
  const { queries, range, datasource } = readObject(pane);
  const query = readObject(Array.isArray(queries) ? queries[0] : undefined);
  const { from, to } = readObject(range);
  const uid = readObject(query.datasource).uid ?? datasource;
  return {
    query: readText(query.query) ?? readText(query.expr) ?? "",
    datasourceUid: readText(uid),
    metricsQueryType: query.metricsQueryType === "instant" ? "instant" : "range",
    limit: readCount(query.limit, firstState.limit),
    spss: readCount(query.spss, firstState.spss),
    range: {
      from: readText(from) ?? firstState.range.from,
      to: readText(to) ?? firstState.range.to,
    },
  };
}

/** The address of a state, which Grafana understands as well. */
export function addressOfState(
  state: ExploreState,
  { type, uid }: ExploreTarget["datasource"],
): string {
  const { query, metricsQueryType, limit, spss, range } = state;
  return exploreAddress({ datasource: { type, uid }, query, metricsQueryType, limit, spss }, range);
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

function readObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

function readCount(value: unknown, otherwise: number): number {
  const count = Number(value);
  return Number.isInteger(count) && count > 0 && count <= 10_000 ? count : otherwise;
}

/** A query in Explore, in the form of Grafana's addresses. */
interface ExploreTarget {
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly query: string;
  readonly metricsQueryType?: string;
  readonly limit?: number;
  readonly spss?: number;
}

/** Grafana's address of Explore with a query; the viewer has its own page there. */
export function exploreAddress(target: ExploreTarget, range: RawRange): string {
  const { datasource, query, limit = 20, spss = 10, metricsQueryType = "range" } = target;
  const pane = {
    datasource: datasource.uid,
    queries: [
      {
        refId: "A",
        datasource,
        queryType: "traceql",
        query,
        limit,
        spss,
        tableType: "spans",
        metricsQueryType,
        filters: [],
      },
    ],
    range,
  };
  const panes = encodeURIComponent(JSON.stringify({ llm: pane }));
  return `/explore?schemaVersion=1&orgId=1&panes=${panes}`;
}
