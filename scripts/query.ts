import {
  type CommandCall,
  type CommandResult,
  findTraceStore,
  readStackConfig,
  runCommand,
} from "../stack/index.ts";
import { countOf, rangeUntilNow, unusable } from "./query/arguments.ts";
import { runMeasurement } from "./query/measure.ts";
import { isMetricsQuery } from "./query/query-text.ts";
import { runSearch } from "./query/search.ts";

const options = {
  since: { type: "string", value: "DURATION", does: "How far back: 30m, 6h, 2d (1h)." },
  limit: { type: "string", value: "N", does: "Traces at most (20)." },
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
} as const;

await runCommand({
  name: "npm run query",
  summary:
    "Asks the trace store in TraceQL: a search shows a row for each span found, a metrics query a row\nfor each series, over the whole time and step by step. Put the query into single quotes.",
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
  const range = rangeUntilNow(call.options.since ?? "1h");
  const limit = countOf(call.options.limit ?? "20");
  const tempoUrl = await findTraceStore(readStackConfig(), call.options.tempo);
  const asked = { tempoUrl, isGivenUrl: call.options.tempo !== undefined, text, ...range };
  return isMetricsQuery(text)
    ? await runMeasurement(call, asked)
    : await runSearch(call, { ...asked, limit });
}
