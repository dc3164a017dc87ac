import { getServiceName } from "#contract";
import { miniserve } from "#miniserve";

const { spans, resource } = miniserve;

/** A kind of question that people and dashboards ask. */
export interface Shape {
  readonly name: string;
  readonly kind: "search" | "metrics";
  readonly query: string;
}

/** What all questions of a run are asked for, in seconds since 1970. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const stepSeconds = 60;

/** The eight shapes, the same for every size and every store. */
export const shapes: readonly Shape[] = [
  search("service and zero tokens", `{ ${service()} && ${of("decode", "tokensOut")} = 0 }`),
  search(
    "decode and mean step > 50",
    `{ ${named("decode")} && ${of("decode", "meanStepMs")} + 0 > 50 }`,
  ),
  search(
    "structural >>",
    `{ ${named("handler")} } >> { ${named("decode")} && ${of("decode", "stopReason")} = "length" }`,
  ),
  search(
    "select of three",
    `{ ${named("decode")} && ${of("decode", "stopReason")} = "length" } | select(${[
      of("decode", "tokensOut"),
      of("decode", "decodeSteps"),
      of("decode", "model"),
    ].join(", ")})`,
  ),
  metrics("rate() by (name)", "{ } | rate() by (name)"),
  metrics(
    "quantiles of duration by (name)",
    "{ } | quantile_over_time(duration, .5, .95, .99) by (name)",
  ),
  metrics(
    "avg_over_time by (model)",
    `{ ${named("decode")} } | avg_over_time(${of("decode", "meanStepMs")}) by (${of("decode", "model")})`,
  ),
  metrics(
    "filtered count_over_time",
    `{ ${named("decode")} && ${of("decode", "stopReason")} = "length" } | count_over_time()`,
  ),
];

/** The path of Tempo's API that asks it. */
export function createPath({ kind, query }: Shape, { start, end }: Range): string {
  const asked = { q: query, start: String(start), end: String(end) };
  return kind === "search"
    ? `/api/search?${new URLSearchParams({ ...asked, limit: "20" })}`
    : `/api/metrics/query_range?${new URLSearchParams({ ...asked, step: `${stepSeconds}s` })}`;
}

function search(name: string, query: string): Shape {
  return { name, kind: "search", query };
}

function metrics(name: string, query: string): Shape {
  return { name, kind: "metrics", query };
}

function named(span: keyof typeof spans): string {
  return `name = "${spans[span].name}"`;
}

function of<Name extends keyof typeof spans>(
  span: Name,
  attribute: keyof (typeof spans)[Name]["attributes"] & string,
): string {
  return `span.${spans[span].attributes[attribute]?.key}`;
}

function service(): string {
  return `resource.${resource.attributes.serviceName.key} = "${getServiceName(miniserve)}"`;
}
