import {
  type CommandCall,
  type CommandResult,
  findTraceStore,
  measureTempo,
  readStackConfig,
  runCommand,
  StackError,
  searchTempo,
} from "../stack/index.ts";
import { metricsTable, searchTable } from "./query/result-table.ts";

const options = {
  since: { type: "string", value: "DURATION", does: "How far back: 30m, 6h, 2d (1h)." },
  limit: { type: "string", value: "N", does: "Traces at most (20)." },
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
} as const;

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

await runCommand({
  name: "npm run query",
  summary:
    "Asks the trace store in TraceQL: a search shows a row for each span found, a metrics query a row\nfor each series over the whole time. Put the query into single quotes.",
  positionals: { usage: "'TRACEQL'", max: 1 },
  options,
  exitCodes: [
    "Something was found.",
    "Nothing was found.",
    "It could not run: the query is refused, the stack does not run, or an option is wrong.",
  ],
  run: runQuery,
});

async function runQuery(call: CommandCall<typeof options>): Promise<CommandResult> {
  const [text] = call.positionals;
  if (text === undefined) {
    throw unusable("No query was given.", "Give one: npm run query -- '{ status = error }'");
  }
  const sinceSeconds = secondsOf(call.options.since ?? "1h");
  const limit = countOf(call.options.limit ?? "20");
  const tempoUrl = await findTraceStore(readStackConfig(), call.options.tempo);
  // A second more, so that a request that has just ended is not behind the end.
  const end = Math.ceil(Date.now() / 1000) + 1;
  const query = { text, start: end - sinceSeconds, end, limit };
  return isMetrics(text)
    ? await measure(call, tempoUrl, query)
    : await searchSpans(call, tempoUrl, query);
}

type Asked = Parameters<typeof searchTempo>[1];

async function searchSpans(
  call: CommandCall<typeof options>,
  tempoUrl: string,
  query: Asked,
): Promise<CommandResult> {
  const answer = await searchTempo(tempoUrl, query);
  const traces = answer.traces ?? [];
  if (traces.length === 0) {
    call.say(nothing(query));
    return { exitCode: 1, report: answer };
  }
  const [first] = traces;
  call.say(...searchTable(answer), "");
  call.say(
    `${traces.length} ${traces.length === 1 ? "trace" : "traces"}${traces.length === query.limit ? ", and perhaps more: --limit shows them" : ""}.`,
    `The first, whole: npm run trace:show -- ${first?.traceID.padStart(32, "0")}`,
    `Its data: ${tempoUrl}/api/v2/traces/${first?.traceID.padStart(32, "0")}`,
  );
  return { exitCode: 0, report: answer };
}

async function measure(
  call: CommandCall<typeof options>,
  tempoUrl: string,
  query: Asked,
): Promise<CommandResult> {
  const answer = await measureTempo(tempoUrl, query);
  const isEmpty = (answer.series ?? []).length === 0;
  call.say(...(isEmpty ? [nothing(query)] : metricsTable(answer)));
  return { exitCode: isEmpty ? 1 : 0, report: answer };
}

function nothing({ start, end }: Asked): string {
  const [from, to] = [start, end].map((seconds) => new Date(seconds * 1000).toISOString());
  return `Nothing was found between ${from} and ${to}. --since looks further back.`;
}

/** A metrics function after a bar, wherever no string is. */
function isMetrics(text: string): boolean {
  const withoutStrings = text.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, "");
  return /\|\s*(rate|count_over_time|(min|max|avg|sum|quantile|histogram)_over_time|compare)\s*\(/.test(
    withoutStrings,
  );
}

function secondsOf(text: string): number {
  const [, count = "", unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsPerUnit[unit] ?? 0);
  if (seconds <= 0) {
    throw unusable(`--since ${text} is no duration.`, "Write it as 30m, 6h or 2d.");
  }
  return seconds;
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw unusable(`--limit ${text} is no number of traces.`, "Write a whole number from 1 on.");
  }
  return count;
}

function unusable(seen: string, action: string): StackError {
  return new StackError({ code: "usage_invalid", seen, action, exitCode: 2 });
}
