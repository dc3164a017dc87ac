import { createHash } from "node:crypto";
import { isMetricsQuery } from "#traceql";
import type { FoundTrace, Series, TraceqlEngine } from "../index.ts";
import { plainText } from "../plain-text.ts";
import type { ConformanceQueries } from "./queries.ts";

export interface ConformanceRange {
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/** That of the data set, which lasts four minutes: whole steps, with one before and one behind. */
export const conformanceRange: ConformanceRange = {
  startNs: 1_767_225_300_000_000_000n,
  endNs: 1_767_225_660_000_000_000n,
};

/** Query → its answer as short texts that can be read and compared. */
export type ConformanceAnswers = Readonly<Record<string, readonly string[]>>;

const stepNs = 60_000_000_000n;

/** Asks all of it of an engine. */
export async function askAll(
  engine: TraceqlEngine,
  queries: ConformanceQueries,
  range: ConformanceRange,
): Promise<ConformanceAnswers> {
  const answers: Record<string, readonly string[]> = {};
  for (const query of queries.searches) {
    answers[query] = await orError(async () =>
      shortTraces(await engine.search(query, { ...range, limit: 1000, spansPerSpanset: 100 })),
    );
  }
  for (const query of queries.metrics) {
    answers[query] = await orError(async () =>
      shortSeries(await engine.metrics(query, { ...range, stepNs }), range),
    );
    answers[`${query} as one value`] = await orError(async () => {
      const wholeNs = range.endNs - range.startNs;
      return shortSeries(await engine.metrics(query, { ...range, stepNs: wholeNs }), range);
    });
  }
  for (const query of queries.invalid) {
    answers[query] = await orError(async () => {
      await (isMetricsQuery(query)
        ? engine.metrics(query, { ...range, stepNs })
        : engine.search(query, { ...range, limit: 1, spansPerSpanset: 1 }));
      return ["taken"];
    });
  }
  return answers;
}

async function orError(ask: () => Promise<string[]>): Promise<string[]> {
  try {
    return shortened(await ask());
  } catch (error) {
    return [`error: ${error instanceof Error ? error.message : String(error)}`];
  }
}

const linesShown = 6;

/** What is left out of a long answer is still compared, by its digest. */
function shortened(lines: string[]): string[] {
  const others = lines.slice(linesShown);
  if (others.length < 2) {
    return lines;
  }
  const digest = createHash("sha256").update(others.join("\n")).digest("hex").slice(0, 16);
  return [...lines.slice(0, linesShown), `and ${others.length} more (${digest})`];
}

/** A line for each spanset: the ends of the trace's id and of the spans', the spanset's attributes. */
function shortTraces(traces: readonly FoundTrace[]): string[] {
  return traces.flatMap(({ traceId, spansets }) =>
    spansets.map(({ spans, attributes }) =>
      [
        `${traceId.slice(-6)}:`,
        ...spans.map(({ spanId }) => spanId.slice(-6)),
        ...attributes.map(({ key, value }) => `${key}=${plainText(value)}`),
      ].join(" "),
    ),
  );
}

/** A line for each series: its labels, then `step:value` of what is not 0. */
function shortSeries(series: readonly Series[], { startNs }: ConformanceRange): string[] {
  const startMs = Number(startNs / 1_000_000n);
  return series.map(({ labels, samples }) =>
    [
      ...labels.map(({ key, value }) => `${key}=${plainText(value)}`),
      ...samples
        .filter(({ value }) => value !== 0)
        .map(({ timestampMs, value }) => `${(timestampMs - startMs) / 1000}s:${+value.toFixed(6)}`),
    ].join(" "),
  );
}
