import { type Contract, grafanaUnit, traceql } from "#contract";
import { miniserve } from "#miniserve";
import type { FieldConfig } from "../dashboard.ts";
import type { Field, Frame } from "../frame.ts";
import type { MetricsAnswer } from "../tempo-answers.ts";

const query = traceql(miniserve);
const { attributes } = miniserve;

/** The requests, the newest first. */
export const newestRequests = query
  .spans("handler")
  .select("outcome", "statusCode", "timeToFirstTokenUs", "model", "route")
  .with({ mostRecent: true }).text;

/** Finds the request of a trace as soon as it is stored. */
export function createTraceQuery(traceId: string): string {
  return query.spans("handler", (_, span) => span.traceId.eq(traceId)).text;
}

/** As on the dashboards: green went well, red failed, and purple was given up. */
const treeColours = {
  complete: "green",
  rejected: "dark-yellow",
  failed: "red",
  interrupted: "purple",
} as const;

function outcomeConfig({ outcomes }: Pick<Contract, "outcomes">): FieldConfig {
  const options = Object.fromEntries(
    Object.entries(outcomes?.byName ?? {}).map(([name, { tree }]) => [
      name,
      { color: treeColours[tree] },
    ]),
  );
  return {
    mappings: [{ type: "value", options }],
    custom: { cellOptions: { type: "color-text" } },
  };
}

/** What is known of a request, in the order in which it is read; the names are those of a search. */
const columns: readonly (readonly [name: string, title: string, more?: FieldConfig])[] = [
  ["time", "Started"],
  [attributes.outcome.key, "Outcome", outcomeConfig(miniserve)],
  [attributes.statusCode.key, "Status"],
  ["duration", "Duration"],
  [
    attributes.timeToFirstTokenUs.key,
    "First token",
    { unit: grafanaUnit(attributes.timeToFirstTokenUs.unit) },
  ],
  [attributes.model.key, "Model"],
  [attributes.route.key, "Route"],
  ["trace", "Trace"],
];

/** The table with the columns that a person looks for. The first leads where the trace does. */
export function readableRequests({ fields }: Frame): Frame {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const { links = [] } = byName.get("trace")?.config ?? {};
  const shown = columns.flatMap(([name, displayName, more = {}], index): Field[] => {
    const field = byName.get(name);
    const config = { ...field?.config, displayName, ...more, ...(index === 0 ? { links } : {}) };
    return field === undefined ? [] : [{ ...field, config }];
  });
  const ids = fields.filter(({ name }) => name === "traceIdHidden" || name === "spanID");
  return { fields: [...shown, ...ids] };
}

/** What an instant query counted, over all its series. */
export function countIn({ series = [] }: MetricsAnswer): number {
  return series.reduce((sum, { value = 0 }) => {
    const number = Number(value);
    return Number.isFinite(number) ? sum + number : sum;
  }, 0);
}

/** What the viewer's server tells its page about the server that makes the traces. */
export interface ServerState {
  /** `none` where the stack runs without one; `not ready` while it loads its model or stops. */
  readonly state: "none" | "ready" | "not ready" | "unreachable";
}

/** What came of a sample request. */
export interface SampleReport {
  /** Null when the answer named no trace. */
  readonly traceId: string | null;
  readonly durationMs: number;
  readonly completionTokens: number | null;
}
