import type { ApiLimits } from "./limits.ts";
import { readOlderSearch } from "./older-search.ts";
import { Parameters } from "./parameters.ts";
import type { ApiRequest } from "./request.ts";
import { runQuery } from "./run-query.ts";
import { searchText } from "./tempo-json.ts";
import { encodeSearch } from "./tempo-protobuf.ts";
import { readSearchRange } from "./time-range.ts";

const mostTraces = 262_144;
const mostSpansPerSpanset = 100;

export function answerSearch(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const { engine, limits } = request.options;
    const { text, isOlder, options } = readSearch(request.search, limits);
    const traces = await engine.search(text, options, signal);
    // The older form is answered as before TraceQL: without the spans that matched.
    const found = isOlder
      ? traces.map((trace) => ({ ...trace, spansets: [], services: [] }))
      : traces;
    const answer = { foundNothing: found.length === 0 };
    return {
      json: () => searchText(found),
      protobuf: () => encodeSearch(found),
      hints: isOlder ? [] : await engine.nameHints(text, answer, signal),
    };
  });
}

function readSearch(search: URLSearchParams, limits: ApiLimits) {
  const parameters = new Parameters(search);
  const query = parameters.query("q");
  const range = readSearchRange(parameters, limits.searchRangeHours);
  if (range.startNs !== null && range.startNs === range.endNs) {
    parameters.fault("invalid start: it must be before end");
  }
  if (query !== null && parameters.text("tags") !== null) {
    parameters.fault("invalid request: give q or tags, not both");
  }
  const text = query ?? readOlderSearch(parameters);
  const options = {
    ...range,
    limit: parameters.count("limit", 20, 1, mostTraces),
    // Zero is as good as nothing, as in Tempo.
    spansPerSpanset: parameters.count("spss", 0, 0, mostSpansPerSpanset) || 3,
  };
  parameters.finish();
  return { text, isOlder: query === null, options };
}
