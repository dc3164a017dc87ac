import { type CommandCall, localClock, localDate } from "../../stack/index.ts";

/** A query with all that it takes to ask it. */
export interface Asked {
  readonly tempoUrl: string;
  /** Whether the address was given, so that commands that are advised need it too. */
  readonly isGivenUrl: boolean;
  readonly text: string;
  /** Unix seconds. */
  readonly start: number;
  readonly end: number;
}

/** What answers need of a command: a place to write to. */
export type Screen = Pick<CommandCall<Record<never, never>>, "say" | "style" | "columns">;

/** What is said when nothing was found. Times are those of this machine's zone. */
export function nothingFound({ start, end }: Asked): string {
  const [from = "", to = ""] = [start, end].map((seconds) => {
    const date = new Date(seconds * 1000);
    return `${localDate(date)} ${localClock(date)}`;
  });
  return `Nothing was found between ${from} and ${to}. --since looks further back.`;
}

/** What the store says of names in the query that nobody knows. */
export function hintLines({ hint }: { readonly hint?: string }): string[] {
  return hint === undefined ? [] : [hint];
}
