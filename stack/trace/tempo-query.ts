import { StackError } from "../command/stack-error.ts";
import { queryHintHeader } from "../viewer/data/tempo-answers.ts";
import { authorizationHeader } from "./tempo-client.ts";

/** A value in the JSON of Tempo's answers. */
export interface TempoValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number | string;
  readonly boolValue?: boolean;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values?: readonly TempoValue[] };
  readonly kvlistValue?: { readonly values?: readonly TempoAttribute[] };
}

export interface TempoAttribute {
  readonly key: string;
  readonly value?: TempoValue;
}

/** A span of an answer. What is zero or empty is left out on the wire. */
export interface TempoFoundSpan {
  readonly spanID?: string;
  readonly name?: string;
  readonly startTimeUnixNano?: string;
  readonly durationNanos?: string;
  readonly attributes?: readonly TempoAttribute[];
}

interface TempoSpanset {
  readonly matched?: number;
  readonly attributes?: readonly TempoAttribute[];
  readonly spans?: readonly TempoFoundSpan[];
}

export interface TempoFoundTrace {
  /** 32 digits: Tempo leaves out zeros in front, and `searchTempo` puts them back. */
  readonly traceID: string;
  readonly rootServiceName?: string;
  readonly rootTraceName?: string;
  readonly startTimeUnixNano?: string;
  readonly durationMs?: number;
  readonly spanSets?: readonly TempoSpanset[];
}

/** What the embedded store says besides; a Tempo says nothing. */
interface HintedAnswer {
  /** Which names in the query nobody knows. Untrusted, as all of an answer. */
  readonly hint?: string;
}

interface TempoSearchAnswer extends HintedAnswer {
  readonly traces: readonly TempoFoundTrace[];
}

export interface TempoSeries {
  readonly labels?: readonly TempoAttribute[];
  /** Of an answer without steps; left out when it is zero. */
  readonly value?: number | string;
  /** Of an answer with steps. */
  readonly samples?: readonly { readonly timestampMs: string; readonly value?: number | string }[];
}

interface TempoMetricsAnswer extends HintedAnswer {
  readonly series: readonly TempoSeries[];
}

/** When to look: Unix seconds. */
interface TempoRange {
  readonly start: number;
  readonly end: number;
}

interface TempoSearch extends TempoRange {
  readonly text: string;
  /** Traces. */
  readonly limit: number;
  /** What the store is asked with, where it needs that. */
  readonly authorization?: string | undefined;
}

interface TempoMeasurement extends TempoRange {
  readonly text: string;
}

const answerLimitMs = 60_000;
/** More, Tempo does not allow. */
const spansPerSpanset = 100;

/**
 * The traces that a query finds, the newest first.
 * @throws StackError `query_refused` with the store's own words, or `store_unreachable`.
 */
export async function searchTempo(
  tempoUrl: string,
  { text, authorization, ...numbers }: TempoSearch,
): Promise<TempoSearchAnswer> {
  const parameters = { q: text, ...numbers, spss: spansPerSpanset };
  const { answer, ...hinted } = await ask(tempoUrl, "/api/search", parameters, authorization);
  const { traces: found = [] } = answer as {
    traces?: (TempoFoundTrace & { spanSet?: TempoSpanset })[];
  };
  const traces = found.map(({ spanSet, ...trace }) => ({
    ...trace,
    traceID: trace.traceID.padStart(32, "0"),
    spanSets: trace.spanSets ?? (spanSet === undefined ? [] : [spanSet]),
  }));
  const start = (trace: TempoFoundTrace) => BigInt(trace.startTimeUnixNano ?? 0);
  traces.sort((one, other) => (start(one) < start(other) ? 1 : -1));
  return { traces, ...hinted };
}

/**
 * The services that sent spans in a time, in alphabetical order. Throws as `searchTempo`.
 */
export async function listServices(
  tempoUrl: string,
  { authorization, ...range }: TempoRange & { readonly authorization?: string | undefined },
): Promise<string[]> {
  const path = "/api/v2/search/tag/resource.service.name/values";
  const { answer } = await ask(tempoUrl, path, { ...range }, authorization);
  const { tagValues = [] } = answer as { tagValues?: { readonly value: string }[] };
  return tagValues.map(({ value }) => value).sort();
}

/** One value for each series, over the whole range. Throws as `searchTempo`. */
export async function measureTempo(
  tempoUrl: string,
  { text, ...range }: TempoMeasurement,
): Promise<TempoMetricsAnswer> {
  return withSeries(await ask(tempoUrl, "/api/metrics/query", { q: text, ...range }));
}

/** A value for each step of the range and each series. Throws as `searchTempo`. */
export async function measureTempoOverTime(
  tempoUrl: string,
  { text, stepSeconds, ...range }: TempoMeasurement & { readonly stepSeconds: number },
): Promise<TempoMetricsAnswer> {
  const parameters = { q: text, ...range, step: `${stepSeconds}s` };
  return withSeries(await ask(tempoUrl, "/api/metrics/query_range", parameters));
}

function withSeries({ answer, ...hinted }: TempoRequest): TempoMetricsAnswer {
  return { series: (answer as Partial<TempoMetricsAnswer>).series ?? [], ...hinted };
}

interface TempoRequest extends HintedAnswer {
  readonly answer: unknown;
}

async function ask(
  tempoUrl: string,
  path: string,
  parameters: Readonly<Record<string, string | number>>,
  authorization?: string,
): Promise<TempoRequest> {
  const encoded = new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, String(value)]),
  );
  try {
    const response = await fetch(`${tempoUrl}${path}?${encoded}`, {
      headers: { accept: "application/json", ...authorizationHeader(authorization) },
      signal: AbortSignal.timeout(answerLimitMs),
    });
    if (response.ok) {
      const hint = response.headers.get(queryHintHeader);
      return { answer: await response.json(), ...(hint === null ? {} : { hint }) };
    }
    const text = String(parameters.q ?? "");
    throw refused(text, (await response.text()).trim(), response.status);
  } catch (error) {
    throw error instanceof StackError ? error : unreachable(tempoUrl, error);
  }
}

function refused(text: string, answer: string, status: number): StackError {
  return new StackError("query_refused", { status, answer, details: underlined(text, answer) });
}

function unreachable(tempoUrl: string, error: unknown): StackError {
  const { cause, name } = error as Error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? name;
  return new StackError("store_unreachable", { address: tempoUrl, reason: code });
}

/** What is shown of a long line, on either side of the place. */
const shownBefore = 50;
const shownAfter = 25;

/**
 * The line of a query that an error speaks of, as `line 1, col 10`, and a mark under the column.
 * Nothing when it speaks of no place, or of one that the query does not have.
 */
export function underlined(query: string, error: string): string[] {
  const [, lineNumber, columnNumber] = /at line (\d+), col (\d+)/.exec(error) ?? [];
  const line = query.split("\n")[Number(lineNumber) - 1];
  if (line === undefined) {
    return [];
  }
  // A tab would be as wide as the terminal likes, in the line and not under it.
  const characters = [...line.replaceAll("\t", " ").trimEnd()];
  const at = Math.min(Number(columnNumber) - 1, characters.length);
  const first = Math.max(0, at - shownBefore);
  const end = Math.min(characters.length, at + shownAfter);
  const before = first > 0 ? "…" : "";
  const after = end < characters.length ? "…" : "";
  return [
    `${before}${characters.slice(first, end).join("")}${after}`,
    `${" ".repeat(before.length + Math.max(0, at - first))}^`,
  ];
}
