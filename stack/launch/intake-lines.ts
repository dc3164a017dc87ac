import type { Style } from "../command/terminal.ts";
import type { Intake } from "../state/intake.ts";
import { outcomeList } from "../trace-store/receiver/outcomes.ts";

/** What came in, and what of it was not stored, a line for each way in which that can be. */
export function intakeLines(intake: Intake, style: Style): string[] {
  const { exports, refusals, spans, outcomes, removed } = intake;
  const refusedSpans = outcomeList(outcomes, { isRefusal: true });
  const changed = outcomeList(outcomes, { isRefusal: false });
  const lost = [
    ...(exports.refused > 0 ? [`refused: exports (${exports.refused}): ${listed(refusals)}`] : []),
    ...(refusedSpans === "" ? [] : [`refused: ${refusedSpans}`]),
    ...(changed === "" ? [] : [`changed: ${changed}`]),
    ...(Object.keys(removed).length > 0 ? [`removed by the allow-list: ${listed(removed)}`] : []),
  ];
  const taken = style("bold", `${count(spans.taken, "span")} in ${count(exports.taken, "export")}`);
  return [
    `  ${"came in".padEnd(10)} ${taken} since the store started`,
    ...lost.map((line) => `  ${"".padEnd(10)} ${style("yellow", line)}`),
  ];
}

function count(number: number, thing: string): string {
  return `${number} ${number === 1 ? thing : `${thing}s`}`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, number]) => `${kind.replaceAll("_", " ")} (${number})`)
    .join(", ");
}
