import { StackError } from "../../../stack/index.ts";
import { percentile } from "../statistics.ts";
import { pathOf, type Range, type Shape } from "./shapes.ts";

const answerLimitMs = 120_000;

/** Times of questions of one kind, in milliseconds. */
export interface Times {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

export function timesOf(milliseconds: readonly number[]): Times {
  return {
    count: milliseconds.length,
    p50Ms: percentile(milliseconds, 0.5),
    p95Ms: percentile(milliseconds, 0.95),
    maxMs: percentile(milliseconds, 1),
  };
}

/** A question that was answered. */
export interface Asked {
  /** From the first byte sent to the last byte of the answer. */
  readonly elapsedMs: number;
  readonly body: string;
}

/** @throws StackError `query_refused` for any answer but 200: what is not answered is no figure. */
export async function ask(url: string, shape: Shape, range: Range): Promise<Asked> {
  const address = `${url}${pathOf(shape, range)}`;
  const askedAt = performance.now();
  const response = await fetch(address, { signal: AbortSignal.timeout(answerLimitMs) });
  const body = await response.text();
  const elapsedMs = performance.now() - askedAt;
  if (!response.ok) {
    throw new StackError({
      code: "query_refused",
      seen: `${url} refused ${shape.query} (${response.status}): ${body.slice(0, 300)}`,
      exitCode: 1,
    });
  }
  return { elapsedMs, body };
}

interface SearchAnswer {
  readonly traces?: readonly unknown[];
}

interface SeriesAnswer {
  readonly series?: readonly {
    readonly samples?: readonly { readonly value?: number | string }[];
  }[];
}

/** What is in an answer, so that two stores can be compared: traces, or series and the sum of samples. */
export function contentOf(shape: Shape, body: string): { size: number; total: number } {
  const answer = JSON.parse(body) as SearchAnswer & SeriesAnswer;
  if (shape.kind === "search") {
    const found = answer.traces?.length ?? 0;
    return { size: found, total: found };
  }
  const series = answer.series ?? [];
  const values = series.flatMap(({ samples = [] }) => samples.map(({ value }) => Number(value)));
  const counted = values.filter((value) => Number.isFinite(value));
  return { size: series.length, total: counted.reduce((sum, value) => sum + value, 0) };
}
