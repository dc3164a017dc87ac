/** `npm run doctor`: what is wrong here, and what to do about it. */
import { once } from "node:events";
import { type CommandCall, type CommandResult, namedVariable, runCommand } from "../stack/index.ts";
import { grafanaGroup } from "./doctor/grafana/index.ts";
import { machineGroup } from "./doctor/machine/index.ts";
import { options } from "./doctor/options.ts";
import { resultLines, summaryLine } from "./doctor/print.ts";
import { type CheckResult, runChecks } from "./doctor/run-checks.ts";
import { settingsGroup } from "./doctor/settings/index.ts";
import { exportGroup, stackGroup } from "./doctor/stack/index.ts";
import { storeGroup } from "./doctor/store/index.ts";
import { readSubject } from "./doctor/subject.ts";

type Call = CommandCall<typeof options>;

/** After so long without a line, one says that it still looks. */
const quietMs = 2_000;

await runCommand({
  name: "npm run doctor",
  summary:
    "Looks at all that commonly goes wrong and says what to do: this machine, the settings, the stack or whether\none could start, the store and its traces, and a Grafana. Changes nothing.",
  options,
  examples: [["npm run doctor -- --grafana http://localhost:3000", "with a Grafana, too"]],
  exitCodes: [
    "Nothing is wrong; there may be warnings.",
    "Something is wrong. Each finding says what to do.",
    "It could not run: an option is invalid.",
  ],
  run: examine,
});
// A peer that hangs keeps its connection, and nobody waits for it any more.
if (process.stdout.writableLength > 0) {
  await once(process.stdout, "drain");
}
process.exit();

async function examine(call: Call): Promise<CommandResult> {
  const subject = await patiently(call, () => readSubject(call.options));
  const grafana = call.options.grafana ?? namedVariable("GRAFANA_URL");
  const groups = [
    machineGroup(subject),
    settingsGroup(subject),
    stackGroup(subject),
    exportGroup(subject),
    storeGroup(subject),
    ...(grafana === undefined ? [] : [grafanaGroup(subject, grafana)]),
  ].filter(({ checks }) => checks.length > 0);
  const results: { title: string; checks: readonly CheckResult[] }[] = [];
  for (const group of groups) {
    call.say(...(results.length === 0 ? [] : [""]), call.style("bold", group.title));
    const checks = await patiently(call, () => runChecks(group));
    call.say(...resultLines(checks, call.style));
    results.push({ title: group.title, checks });
  }
  const all = results.flatMap(({ checks }) => checks);
  const ok = all.every(({ mark }) => mark !== "problem");
  call.say("", summaryLine(all, call.style));
  return { exitCode: ok ? 0 : 1, report: { ok, groups: results } };
}

async function patiently<Result>(
  { say, style }: Call,
  work: () => Promise<Result>,
): Promise<Result> {
  const timer = setTimeout(() => say(style("dim", "  still looking ...")), quietMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
