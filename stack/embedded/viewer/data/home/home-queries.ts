import { miniserve, traceql } from "#contract";
import type { Frame } from "../frame.ts";
import type { MetricsAnswer } from "../tempo-answers.ts";

/** The requests, the newest first. */
export const newestRequests = traceql(miniserve)
  .spans("handler")
  .select("outcome", "statusCode", "route", "timeToFirstTokenUs")
  .with({ mostRecent: true }).text;

/** What says the same in every row of a list of requests. */
const dull: ReadonlySet<string> = new Set(["traceService", "traceName", "name"]);

/** The table without its dull columns. */
export function withoutDull(frame: Frame): Frame {
  return { ...frame, fields: frame.fields.filter(({ name }) => !dull.has(name)) };
}

/** What an instant query counted, over all its series. */
export function countIn({ series = [] }: MetricsAnswer): number {
  return series.reduce((sum, { value = 0 }) => {
    const number = Number(value);
    return Number.isFinite(number) ? sum + number : sum;
  }, 0);
}
