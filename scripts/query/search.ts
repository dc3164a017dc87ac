import { type CommandResult, searchTempo, type TempoFoundTrace } from "../../stack/index.ts";
import { type Asked, hintLines, nothingFound, type Screen } from "./asked.ts";
import { searchLines } from "./search-result.ts";

/** Asks for spans and shows them. The exit code is 1 when there are none. */
export async function runSearch(
  screen: Screen,
  asked: Asked & { readonly limit: number },
): Promise<CommandResult> {
  const { tempoUrl, isGivenUrl, ...query } = asked;
  const answer = await searchTempo(tempoUrl, query);
  const [first] = answer.traces;
  if (first === undefined) {
    screen.say(nothingFound(asked), ...hintLines(answer));
    return { exitCode: 1, report: answer };
  }
  const where = isGivenUrl ? ` --tempo ${tempoUrl}` : "";
  screen.say(
    ...searchLines(answer.traces, asked.text, screen.columns),
    "",
    countSentence(answer.traces, asked.limit),
    ...hintLines(answer),
    `The first, whole: npm run trace:show -- ${first.traceID}${where}`,
    `Its data: ${tempoUrl}/api/v2/traces/${first.traceID}`,
  );
  return { exitCode: 0, report: answer };
}

function countSentence(traces: readonly TempoFoundTrace[], limit: number): string {
  const sets = traces.flatMap(({ spanSets = [] }) => spanSets);
  const shown = sets.reduce((sum, { spans = [] }) => sum + spans.length, 0);
  const matched = sets.reduce(
    (sum, { matched: inSet, spans = [] }) => sum + (inSet ?? spans.length),
    0,
  );
  const parts = [
    traces.length === 1 ? "1 trace" : `${traces.length} traces`,
    ...(matched > shown ? [`${shown} of its ${matched} spans are shown`] : []),
    ...(traces.length === limit ? ["perhaps there are more: --limit shows them"] : []),
  ];
  return `${parts.join("; ")}.`;
}
