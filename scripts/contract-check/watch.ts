import { setTimeout as sleep } from "node:timers/promises";
import { localClock, type ReadStore, StackError } from "../../stack/index.ts";
import type { Screen } from "../query/arguments.ts";
import type { ServiceCheck } from "./check-service.ts";
import {
  type FindingLines,
  findingLines,
  listFindings,
  noTracesLines,
  summaryLine,
} from "./lines.ts";

interface Watch {
  readonly call: Screen;
  readonly store: ReadStore;
  readonly since: string;
  readonly everyMs: number;
  readonly look: () => Promise<readonly ServiceCheck[]>;
}

/**
 * Looks again and again until Ctrl-C, and prints only what is not as it was. A store that does not answer
 * for a while is said once; at the first look it ends the command.
 * @returns what the last look found.
 */
export async function watchChanges(watch: Watch): Promise<readonly ServiceCheck[]> {
  const end = new AbortController();
  const stop = () => end.abort();
  process.on("SIGINT", stop).on("SIGTERM", stop);
  let last: readonly ServiceCheck[] = await watch.look();
  let shown = new Map<string, FindingLines>();
  let states = new Map<string, string>();
  let trouble = "";
  while (!end.signal.aborted) {
    [shown, states] = printChanges(watch, last, shown, states);
    await sleep(watch.everyMs, undefined, { signal: end.signal }).catch(() => undefined);
    if (end.signal.aborted) {
      break;
    }
    try {
      last = await watch.look();
      if (trouble !== "") {
        say(watch, "The store answers again.");
      }
      trouble = "";
    } catch (error) {
      if (!(error instanceof StackError)) {
        throw error;
      }
      if (trouble !== error.message) {
        say(watch, `${watch.call.style("yellow", "!")} ${error.message} It is asked again.`);
      }
      trouble = error.message;
    }
  }
  process.off("SIGINT", stop).off("SIGTERM", stop);
  return last;
}

function printChanges(
  watch: Watch,
  checks: readonly ServiceCheck[],
  shown: ReadonlyMap<string, FindingLines>,
  states: ReadonlyMap<string, string>,
): [Map<string, FindingLines>, Map<string, string>] {
  const { call, store, since } = watch;
  const found = checks.flatMap((check) => listFindings(check, store, Date.now()));
  for (const check of checks) {
    if (states.get(check.service) !== check.result) {
      const colour = check.result === "kept" ? "green" : "red";
      say(watch, call.style(colour, summaryLine(check, since)), ...noTracesLines(check));
    }
  }
  for (const finding of found.filter(({ key }) => !shown.has(key))) {
    say(watch, ...findingLines(finding, call));
  }
  const now = new Map(found.map((finding) => [finding.key, finding]));
  for (const [key, { title }] of shown) {
    if (!now.has(key)) {
      say(watch, `${call.style("green", "✓")} no longer: ${title}`);
    }
  }
  return [now, new Map(checks.map(({ service, result }) => [service, result]))];
}

function say({ call }: Watch, ...[first = "", ...more]: readonly string[]): void {
  call.say(`${call.style("dim", localClock(new Date()))} ${first}`, ...more);
}
