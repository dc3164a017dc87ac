import type { SavedQuery } from "#contract";
import type { CommandResult } from "../../stack/index.ts";
import type { Screen } from "./asked.ts";
import { type Column, drawTable } from "./table.ts";

/** Shows which saved queries there are, and what of each may be set. */
export function listSavedQueries(screen: Screen, queries: readonly SavedQuery[]): CommandResult {
  const columns: Column[] = [
    { heading: "id", cells: queries.map(({ id }) => id), align: "left", mayBeCut: false },
    {
      heading: "question",
      cells: queries.map(({ question }) => question),
      align: "left",
      mayBeCut: true,
    },
    { heading: "may be set", cells: queries.map(ownParameters), align: "left", mayBeCut: true },
  ];
  screen.say(
    ...(drawTable(columns, screen.columns) ?? queries.map(({ id }) => id)),
    "",
    "Ask one: npm run query -- ID [--set NAME=VALUE]; for each, --set service=NAME asks another service.",
    "What each is for, and what to do: docs/generated/saved-queries.md",
  );
  return { exitCode: 0, report: { queries } };
}

/** `threshold=100 ms`, or `request=?` for what must be set; without the service, which every query has. */
function ownParameters({ parameters }: SavedQuery): string {
  return Object.entries(parameters)
    .filter(([name]) => name !== "service")
    .map(([name, { default: value, unit, isRequired }]) =>
      isRequired === true ? `${name}=?` : `${name}=${value}${unit ? ` ${unit}` : ""}`,
    )
    .join(", ");
}
