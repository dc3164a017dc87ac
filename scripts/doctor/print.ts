import { counted, shortText } from "#contract";
import type { CommandCall } from "../../stack/index.ts";
import type { CheckResult } from "./run-checks.ts";

type Style = CommandCall<Record<never, never>>["style"];

const marks = {
  fine: { sign: "✓", emphasis: "green" },
  skipped: { sign: "–", emphasis: "dim" },
  warning: { sign: "!", emphasis: "yellow" },
  problem: { sign: "✗", emphasis: "red" },
} as const;

const nameColumns = 14;
const indent = " ".repeat(nameColumns + 5);
const mostDetails = 6;
const mostCharacters = 400;

/** A line for each result, and under a finding its details, why it matters and what to do. */
export function resultLines(results: readonly CheckResult[], style: Style): string[] {
  return results.flatMap((result, place) => {
    const before = results.slice(0, place).filter(({ check }) => check === result.check);
    const isSaid = before.some(({ why }) => why !== null);
    // Why it matters is the same for all findings of a check.
    return linesOf(isSaid ? { ...result, why: null } : result, style);
  });
}

function linesOf(result: CheckResult, style: Style): string[] {
  const { check, mark, code, sentence, details, why, action } = result;
  const { sign, emphasis } = marks[mark];
  const stableCode = code === null ? "" : ` ${style("dim", `[${code}]`)}`;
  const line = `  ${style(emphasis, sign)} ${check.padEnd(nameColumns)} ${shortText(sentence, mostCharacters)}${stableCode}`;
  const left = details.length - mostDetails;
  return [
    line,
    ...details
      .slice(0, mostDetails)
      .map((detail) => `${indent}${shortText(detail, mostCharacters)}`),
    ...(left > 0 ? [`${indent}and ${left} more`] : []),
    ...(why === null ? [] : [`${indent}${style("dim", why)}`]),
    ...(action === null || action === "" ? [] : [`${indent}${style("bold", "→")} ${action}`]),
  ];
}

/** `2 problems, 1 warning.` */
export function summaryLine(results: readonly CheckResult[], style: Style): string {
  const count = (mark: CheckResult["mark"]) => results.filter((one) => one.mark === mark).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  const parts = [
    ...(problems === 0 ? [] : [counted(problems, "problem")]),
    ...(warnings === 0 ? [] : [counted(warnings, "warning")]),
  ].join(", ");
  if (problems > 0) {
    return style("red", `${parts}.`);
  }
  return parts === ""
    ? style("green", "Nothing is wrong.")
    : style("yellow", `Nothing is wrong, with ${parts}.`);
}
