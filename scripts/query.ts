import { isMetricsQuery } from "#traceql";
import {
  type CommandCall,
  type CommandResult,
  chosenServices,
  findTraceStore,
  readStackConfig,
  runCommand,
  serviceOptions,
} from "../stack/index.ts";
import { parseCount, rangeUntilNow, unusable } from "./query/arguments.ts";
import { runMeasurement } from "./query/measure.ts";
import { runSavedQuery } from "./query/saved-query.ts";
import {
  chooseAll,
  chooseSavedQuery,
  countSavedQueries,
  isQueryId,
  listSavedQueries,
} from "./query/saved-query-counts.ts";
import { runSearch } from "./query/search-result.ts";

const options = {
  ...serviceOptions,
  list: { type: "boolean", does: "List the saved queries." },
  all: { type: "boolean", does: "Run every saved query and show how much each finds." },
  set: {
    type: "string",
    multiple: true,
    value: "NAME=VALUE",
    does: "Set a parameter of a saved query; may be repeated.",
  },
  since: { type: "string", value: "DURATION", does: "How far back: 30m, 6h, 2d (1h)." },
  limit: { type: "string", value: "N", does: "Maximum number of traces (20)." },
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
} as const;

await runCommand({
  name: "npm run query",
  summary:
    "Queries the trace store: a saved query by its id, or TraceQL in single quotes. A search shows one row\nper span, a saved query one per trace, a metrics query one per series, for the whole range and for each\nstep.",
  positionals: { usage: "ID | 'TRACEQL'", max: 1 },
  options,
  examples: [
    ["npm run query -- empty-completions", "a saved query"],
    ["npm run query -- '{ span.llm.tokens.out = 0 }' --since 6h", "TraceQL"],
  ],
  exitCodes: [
    "The query was answered; that nothing was found is an answer, too.",
    "Never.",
    "It could not run: the query is invalid, the stack is not running, or an option is invalid.",
  ],
  run: runQuery,
});

async function runQuery(call: CommandCall<typeof options>): Promise<CommandResult> {
  const [text] = call.positionals;
  const { list, all, set = [], since = "1h", limit = "20", tempo } = call.options;
  checkTogether(call);
  const services = await chosenServices(call.options);
  if (list === true) {
    return listSavedQueries(call, services);
  }
  // What is wrong with the arguments is said before anybody looks for a store.
  const saved =
    text !== undefined && isQueryId(text) ? chooseSavedQuery(services, text, set) : undefined;
  const every = all === true ? chooseAll(services, set) : undefined;
  const asked = {
    ...rangeUntilNow(since),
    isGivenUrl: tempo !== undefined,
    limit: parseCount(limit),
  };
  const tempoUrl = await findTraceStore(readStackConfig(), tempo);
  if (every !== undefined) {
    return await countSavedQueries(call, { ...asked, tempoUrl }, every);
  }
  if (saved !== undefined) {
    return await runSavedQuery(call, { ...asked, tempoUrl }, saved);
  }
  return await askTraceql(call, { ...asked, tempoUrl, text: text ?? "" });
}

async function askTraceql(
  call: CommandCall<typeof options>,
  { limit, ...asked }: Parameters<typeof runSearch>[1],
): Promise<CommandResult> {
  return isMetricsQuery(asked.text)
    ? await runMeasurement(call, asked)
    : await runSearch(call, { ...asked, limit });
}

/** One thing is asked at a time, and only saved queries have something to set. */
function checkTogether({ options: given, positionals }: CommandCall<typeof options>): void {
  const [text] = positionals;
  const asked = [text !== undefined, given.list === true, given.all === true].filter(Boolean);
  if (asked.length !== 1) {
    throw unusable(
      asked.length === 0 ? "No query was given." : "More than one thing was asked for.",
      "Give one: npm run query -- '{ status = error }', the id of a saved query, --list or --all.",
    );
  }
  const hasParameters = given.all === true || (text !== undefined && isQueryId(text));
  if (given.set !== undefined && !hasParameters) {
    throw unusable("--set is for saved queries.", "npm run query -- --list shows them.");
  }
}
