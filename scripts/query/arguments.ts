import { type CommandCall, localClock, localDate, StackError } from "../../stack/index.ts";

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The time that a query looks at, up to now, in Unix seconds. */
export function rangeUntilNow(since: string): { start: number; end: number } {
  const seconds = parseSeconds(since);
  // A second more, so that a request that has just ended is not behind the end.
  const end = Math.ceil(Date.now() / 1000) + 1;
  return { start: end - seconds, end };
}

/** The length of a time such as `1h30m`. */
export function parseSeconds(text: string, option = "--since"): number {
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (secondsPerUnit[unit ?? ""] ?? 0),
    0,
  );
  if (parts.map(([part]) => part).join("") !== text || seconds <= 0) {
    throw unusable(`${option} ${text} is no duration.`, "Write it as 30m, 6h, 1h30m or 2d.");
  }
  return seconds;
}

export function parseCount(text: string, option = "--limit"): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw unusable(`${option} ${text} is no number of traces.`, "Write a whole number from 1 on.");
  }
  return count;
}

export function unusable(message: string, hint: string): StackError {
  return new StackError("usage_invalid", { message, hint });
}

/** A query with all that it takes to ask it. */
export interface QueryRequest {
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
export function nothingFound({ start, end }: QueryRequest): string {
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
