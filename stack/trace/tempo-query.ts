import { StackError } from "../command/stack-error.ts";

/** An attribute in the JSON of Tempo's answers. */
export interface TempoAttribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string;
    readonly doubleValue?: number | string;
    readonly boolValue?: boolean;
  };
}

export interface TempoSearchAnswer {
  readonly traces?: readonly {
    readonly traceID: string;
    readonly rootServiceName?: string;
    readonly rootTraceName?: string;
    readonly startTimeUnixNano: string;
    readonly durationMs?: number;
    readonly spanSets?: readonly {
      readonly matched?: number;
      readonly attributes?: readonly TempoAttribute[];
      readonly spans: readonly {
        readonly spanID: string;
        readonly name?: string;
        readonly startTimeUnixNano: string;
        readonly durationNanos: string;
        readonly attributes?: readonly TempoAttribute[];
      }[];
    }[];
  }[];
}

export interface TempoMetricsAnswer {
  readonly series?: readonly {
    readonly labels?: readonly TempoAttribute[];
    readonly value?: number | string;
  }[];
}

export interface TempoQuery {
  readonly text: string;
  /** Unix seconds. */
  readonly start: number;
  readonly end: number;
  readonly limit: number;
}

const answerLimitMs = 60_000;

/** @throws StackError `query_refused` with the store's own words, or `store_unreachable`. */
export async function searchTempo(tempoUrl: string, query: TempoQuery): Promise<TempoSearchAnswer> {
  return (await ask(tempoUrl, "/api/search", query, { spss: "100" })) as TempoSearchAnswer;
}

/** One value for each series, over the whole range. Throws as `searchTempo`. */
export async function measureTempo(
  tempoUrl: string,
  query: TempoQuery,
): Promise<TempoMetricsAnswer> {
  return (await ask(tempoUrl, "/api/metrics/query", query, {})) as TempoMetricsAnswer;
}

async function ask(
  tempoUrl: string,
  path: string,
  { text, start, end, limit }: TempoQuery,
  more: Readonly<Record<string, string>>,
): Promise<unknown> {
  const numbers = { start: String(start), end: String(end), limit: String(limit) };
  const parameters = new URLSearchParams({ q: text, ...numbers, ...more });
  try {
    const response = await fetch(`${tempoUrl}${path}?${parameters}`, {
      signal: AbortSignal.timeout(answerLimitMs),
    });
    if (response.ok) {
      return await response.json();
    }
    throw refused(text, (await response.text()).trim(), response.status);
  } catch (error) {
    throw error instanceof StackError ? error : unreachable(tempoUrl, error);
  }
}

function refused(text: string, answer: string, status: number): StackError {
  return new StackError({
    code: "query_refused",
    seen: `The store refused the query (${status}): ${answer}`,
    details: underlined(text, answer),
    exitCode: 2,
  });
}

/** The line of the query that the answer speaks of, and a mark under the column. */
function underlined(text: string, answer: string): string[] {
  const [, line, column] = /at line (\d+), col (\d+)/.exec(answer) ?? [];
  const shown = text.split("\n")[Number(line) - 1];
  return shown === undefined ? [] : [shown, `${" ".repeat(Math.max(0, Number(column) - 1))}^`];
}

function unreachable(tempoUrl: string, error: unknown): StackError {
  const { cause, name } = error as Error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? name;
  return new StackError({
    code: "store_unreachable",
    seen: `The trace store at ${tempoUrl} cannot be used: ${code}.`,
    action: "Is it running? npm run stack:status says.",
    exitCode: 2,
  });
}
