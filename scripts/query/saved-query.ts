import { counted, exploreLink, type SavedQuery } from "#contract";
import {
  type CommandResult,
  searchTempo,
  type TempoAttribute,
  type TempoFoundSpan,
  type TempoFoundTrace,
} from "../../stack/index.ts";
import { nothingFound, type QueryRequest, type Screen } from "./arguments.ts";
import { searchLines } from "./search-result.ts";

/** Asks a saved query and shows a row for each trace. The exit code is 1 when there is none. */
export async function runSavedQuery(
  screen: Screen,
  asked: Omit<QueryRequest, "text"> & { readonly limit: number },
  query: SavedQuery,
): Promise<CommandResult> {
  const { tempoUrl, isGivenUrl, ...range } = asked;
  const { traces } = await searchTempo(tempoUrl, { ...range, text: query.table });
  const report = { query, explore: exploreLink(query.table), traces };
  screen.say(screen.style("bold", `${query.title}: ${query.question}`), query.search, "");
  const [first] = traces;
  if (first === undefined) {
    screen.say(nothingFound({ ...asked, text: query.table }));
    return { exitCode: 0, report };
  }
  const where = isGivenUrl ? ` --tempo ${tempoUrl}` : "";
  const more = traces.length === asked.limit ? "; perhaps there are more: --limit shows them" : "";
  screen.say(
    ...searchLines(traces.map(oneRowPerTrace), query.table, screen.columns),
    "",
    `${counted(traces.length, "trace")}${more}.`,
    `What to do: ${query.action}`,
    `The first, whole: npm run trace:show -- ${first.traceID}${where}`,
  );
  return { exitCode: 0, report };
}

/**
 * Each trace with one span that says what its found spans say, so that a request that several spans
 * speak of is one row. It lasts as long as the trace.
 */
function oneRowPerTrace(trace: TempoFoundTrace): TempoFoundTrace {
  const spans = (trace.spanSets ?? [])
    .flatMap((spanSet) => spanSet.spans ?? [])
    .sort((one, other) => (getStart(one) < getStart(other) ? -1 : 1));
  if (spans.length <= 1) {
    return trace;
  }
  const span: TempoFoundSpan = {
    name: [...new Set(spans.map(({ name = "" }) => name))].filter(Boolean).join(" "),
    startTimeUnixNano: trace.startTimeUnixNano ?? "0",
    durationNanos: String(BigInt(trace.durationMs ?? 0) * 1_000_000n),
    attributes: mergedAttributes(spans),
  };
  return { ...trace, spanSets: [{ matched: 1, spans: [span] }] };
}

function getStart({ startTimeUnixNano = "0" }: TempoFoundSpan): bigint {
  return BigInt(startTimeUnixNano);
}

/** Of an attribute on which spans differ, each value once, in the order of the spans. */
function mergedAttributes(spans: readonly TempoFoundSpan[]): TempoAttribute[] {
  const attributes = spans.flatMap((span) => span.attributes ?? []).filter(hasValue);
  return [...Map.groupBy(attributes, ({ key }) => key)].map(([key, same]) => {
    const texts = [...new Set(same.map(({ value }) => String(Object.values(value ?? {})[0])))];
    const [first] = same;
    return texts.length === 1 && first !== undefined
      ? first
      : { key, value: { stringValue: texts.join(", ") } };
  });
}

/** Tempo writes the string nil where a selected attribute is missing. */
function hasValue({ value }: TempoAttribute): boolean {
  return value !== undefined && value.stringValue !== "nil";
}
