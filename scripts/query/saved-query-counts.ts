import type { SavedQuery } from "#contract";
import { type CommandResult, measureTempo, type TempoSeries } from "../../stack/index.ts";
import { type Asked, nothingFound, type Screen } from "./asked.ts";
import { type Column, drawTable } from "./table.ts";

/** Runs every saved query that can be counted, and shows how much each finds. */
export async function countSavedQueries(
  screen: Screen,
  asked: Omit<Asked, "text">,
  queries: readonly SavedQuery[],
): Promise<CommandResult> {
  const { tempoUrl, start, end } = asked;
  const counts: { id: string; severity: string; title: string; count: number }[] = [];
  // One after the other: a store answers few metrics queries at a time, and refuses what waits too long.
  for (const { id, severity, title, count } of queries) {
    if (count !== null) {
      const answer = await measureTempo(tempoUrl, { text: count, start, end });
      counts.push({ id, severity, title, count: totalOf(answer.series) });
    }
  }
  const isFound = counts.some(({ count }) => count > 0);
  const columns: Column[] = [
    { heading: "id", cells: counts.map(({ id }) => id), align: "left", mayBeCut: false },
    {
      heading: "found",
      cells: counts.map(({ count }) => `${count}`),
      align: "right",
      mayBeCut: false,
    },
    {
      heading: "severity",
      cells: counts.map(({ severity }) => severity),
      align: "left",
      mayBeCut: true,
    },
    { heading: "title", cells: counts.map(({ title }) => title), align: "left", mayBeCut: true },
  ];
  const notCounted = queries.filter(({ count }) => count === null).map(({ id }) => id);
  screen.say(
    ...(drawTable(columns, screen.columns) ?? counts.map(({ id, count }) => `${id} ${count}`)),
    "",
    ...(notCounted.length > 0 ? [`Not counted: ${notCounted.join(", ")}.`] : []),
    isFound ? "Show one: npm run query -- ID" : nothingFound({ ...asked, text: "" }),
  );
  return { exitCode: isFound ? 0 : 1, report: { start, end, counts } };
}

function totalOf(series: readonly TempoSeries[]): number {
  return series.reduce((sum, { value = 0 }) => sum + Number(value), 0);
}
