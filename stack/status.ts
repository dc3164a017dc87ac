import {
  type CommandCall,
  type CommandResult,
  localClock,
  localDate,
  runCommand,
} from "./command/command.ts";
import type { Style } from "./command/terminal.ts";
import { readStackConfig } from "./config.ts";
import { checkContainers } from "./deployment/compose/parts/check-containers.ts";
import { partLines } from "./deployment/compose/parts/part-lines.ts";
import { healthLines, ingestLines, storeLines } from "./launch/report.ts";
import { type ChildHealth, checkStack } from "./state/health.ts";
import { fetchIngestCounts } from "./state/ingest-counts.ts";

await runCommand({
  name: "npm run stack:status",
  summary: "Shows the parts of the stack, their addresses and their health.",
  options: {},
  examples: [["npm run stack:status -- --json", "for a program"]],
  exitCodes: [
    "Everything is healthy. A server without a real model counts as healthy, with a note.",
    "Something is wrong, or the stack is starting or stopping.",
    "The stack is not running.",
  ],
  run: status,
});

async function status({ say, style }: CommandCall<Record<never, never>>): Promise<CommandResult> {
  const config = readStackConfig();
  const health = await checkStack(config.directory);
  const { condition, state, children } = health;
  // Tempo does not know the question, and fails on it.
  const intake = state?.driver === "embedded" ? await fetchIngestCounts(state.tempoUrl) : null;
  const parts = state === null ? undefined : await checkContainers(state);
  const isGood = condition === "good" && (parts?.problems ?? []).length === 0;
  if (state === null) {
    say("The stack does not run. npm run stack:up starts it.");
  } else {
    const startedAt = new Date(state.startedAt);
    const since = `${localDate(startedAt)} ${localClock(startedAt)}`;
    const sentences = {
      good: `The stack runs, since ${since}.`,
      bad: `The stack runs, since ${since}, and something is wrong.`,
      starting: "The stack is starting.",
      stopping: "The stack is stopping.",
      "not running": "The stack does not run.",
    };
    say(style("bold", sentences[condition === "good" && !isGood ? "bad" : condition]));
    say(...children.map((child) => childLine(child, style)));
    say("");
    say(...storeLines(config, state, style));
    say(...(intake === null ? [] : ingestLines(intake, style)));
    say(...(parts === undefined ? [] : partLines(parts, style)));
  }
  say(...healthLines(health, style));
  const exitCode = isGood ? 0 : condition === "not running" ? 2 : 1;
  return { exitCode, report: { ...health, intake, containers: parts ?? null } };
}

function childLine(child: ChildHealth, style: Style): string {
  const { name, condition, pid, residentBytes: bytes, model, url } = child;
  const emphasis = { ready: "green", degraded: "yellow" } as const;
  const isGood = condition === "ready" || condition === "degraded";
  const facts = [
    // The store's addresses are listed below, all of them.
    name === "store" ? undefined : url,
    pid === null ? undefined : `process ${pid}`,
    bytes === null ? undefined : `${Math.round(bytes / 1e6)} MB`,
    model ?? undefined,
  ].filter((fact) => fact !== undefined);
  const word = style(isGood ? emphasis[condition] : "red", condition.padEnd(10));
  return `  ${name.padEnd(10)} ${word} ${facts.join(" · ")}`;
}
