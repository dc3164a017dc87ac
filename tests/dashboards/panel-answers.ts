/** For tests: a store is asked what Grafana asks it for each panel of the dashboards. */
import assert from "node:assert/strict";
import type { Contract } from "#contract";
import { generatedFiles } from "../../dashboards/index.ts";
import { toServices } from "../../tests/support/services.ts";
import {
  isMetrics,
  readDashboards,
  replaceVariables,
  type Target,
} from "../support/dashboard-panels.ts";

/** What a panel asks, with its variables replaced. */
export interface PanelQuery {
  /** Dashboard and panel, by name. */
  readonly where: string;
  readonly query: string;
  readonly target: Target;
}

export interface PanelAnswer {
  /** Labels → the sum of the values, for metrics. */
  readonly series: ReadonlyMap<string, number>;
  /** Spans found, for searches and traces. */
  readonly spans: number;
  /** Whether a search stopped at its limit: which traces it has then is its affair. */
  readonly isCut: boolean;
}

/** Every query to Tempo on every dashboard. */
export async function panelQueries(
  contract: Contract,
  values: Readonly<Record<string, string>>,
): Promise<PanelQuery[]> {
  return [...readDashboards(await generatedFiles(toServices(contract)))].flatMap(
    ([name, { panels, templating }]) => {
      let row = "";
      return panels.flatMap(({ type, title, targets = [] }) => {
        row = type === "row" ? title : row;
        return targets
          .filter(({ query }) => query !== undefined)
          .map((target) => ({
            where: `${name}: ${row}: ${title}`,
            query: replaceVariables(target.query ?? "", templating, values),
            target,
          }));
      });
    },
  );
}

interface Answer {
  readonly series?: readonly {
    readonly labels: readonly { readonly key: string; readonly value: object }[];
    readonly value?: number | string;
    readonly samples?: readonly { readonly value?: number | string }[];
  }[];
  readonly traces?: readonly {
    readonly spanSets: readonly { readonly spans: readonly object[] }[];
  }[];
  readonly trace?: {
    readonly resourceSpans?: readonly {
      readonly scopeSpans: readonly { readonly spans: readonly object[] }[];
    }[];
  };
}

/** @throws AssertionError with the store's words when it refuses. */
export async function fetchAnswer(api: string, { target, query, where }: PanelQuery) {
  const end = Math.ceil(Date.now() / 1000) + 5;
  const range = { start: String(end - 600), end: String(end) };
  const [path, parameters] = requestFor(target, query);
  const url = `${api}${path}?${new URLSearchParams({ ...parameters, ...range })}`;
  const response = await fetch(url);
  const text = await response.text();
  assert.equal(response.status, 200, `${where}\n${query}\n${text}`);
  return read(JSON.parse(text), target.limit);
}

function requestFor(target: Target, query: string): [string, Record<string, string>] {
  if (/^[0-9a-f]{32}$/.test(query)) {
    return [`/api/v2/traces/${query}`, {}];
  }
  if (!isMetrics(query)) {
    const { limit = 20, spss = 3 } = target;
    return ["/api/search", { q: query, limit: String(limit), spss: String(spss) }];
  }
  return target.metricsQueryType === "instant"
    ? ["/api/metrics/query", { q: query }]
    : ["/api/metrics/query_range", { q: query, step: target.step ?? "15s" }];
}

function read({ series = [], traces = [], trace }: Answer, limit?: number): PanelAnswer {
  const values = series.map(({ labels, value, samples }): [string, number] => [
    labels
      .map(({ key, value: label }) => `${key}=${Object.values(label).join()}`)
      .sort()
      .join(" "),
    (samples ?? [{ value }]).reduce((sum, sample) => sum + Number(sample.value ?? 0), 0),
  ]);
  const found = traces.flatMap(({ spanSets }) => spanSets.flatMap(({ spans }) => spans));
  const ofTrace = (trace?.resourceSpans ?? []).flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  );
  return {
    series: new Map(values),
    spans: found.length + ofTrace.length,
    isCut: traces.length === limit,
  };
}

/** Whether a person would see something. Series of zeros are a line at the bottom. */
export function hasData({ series, spans }: PanelAnswer): boolean {
  return spans > 0 || [...series.values()].some((value) => value !== 0);
}
