import { exploreLink, type SavedQuery } from "#contract";
import { type CommandResult, searchTempo } from "../../stack/index.ts";
import { type Asked, nothingFound, type Screen } from "./asked.ts";
import { oneRowPerTrace } from "./one-row-per-trace.ts";
import { searchLines } from "./search-result.ts";

/** Asks a saved query and shows a row for each trace. The exit code is 1 when there is none. */
export async function runSavedQuery(
  screen: Screen,
  asked: Omit<Asked, "text"> & { readonly limit: number },
  query: SavedQuery,
): Promise<CommandResult> {
  const { tempoUrl, isGivenUrl, ...range } = asked;
  const { traces } = await searchTempo(tempoUrl, { ...range, text: query.table });
  const report = { query, explore: exploreLink(query.table), traces };
  screen.say(screen.style("bold", `${query.title}: ${query.question}`), query.search, "");
  const [first] = traces;
  if (first === undefined) {
    screen.say(nothingFound({ ...asked, text: query.table }));
    return { exitCode: 1, report };
  }
  const where = isGivenUrl ? ` --tempo ${tempoUrl}` : "";
  const more = traces.length === asked.limit ? "; perhaps there are more: --limit shows them" : "";
  screen.say(
    ...searchLines(traces.map(oneRowPerTrace), query.table, screen.columns),
    "",
    `${traces.length === 1 ? "1 trace" : `${traces.length} traces`}${more}.`,
    `What to do: ${query.action}`,
    `The first, whole: npm run trace:show -- ${first.traceID}${where}`,
  );
  return { exitCode: 0, report };
}
